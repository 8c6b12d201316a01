/** One object in several requests. Until it is completed its parts are staged in the store, and found again by the id of the upload. */
import { createHash } from 'node:crypto'
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { StoreUnavailableError } from '../blob-store.ts'
import type { PartBytes } from './part-buffer.ts'
import { conditionally } from './put-whole.ts'
import type { S3Connection } from './s3-connection.ts'
import { throwStoreError } from './s3-errors.ts'
import { type Conditions, type ObjectToPublish, requireWhole, settleFailure } from './s3-publish.ts'
import { abortUpload, deleteObject, WRITER_MARK, withDeadline } from './s3-requests.ts'
import { signBody } from './sign-body.ts'

export class MultipartUpload {
  readonly #connection: S3Connection
  readonly #target: { Bucket: string; Key: string; UploadId: string }
  readonly #parts: CompletedPart[] = []
  readonly #digests: Buffer[] = []

  private constructor(connection: S3Connection, key: string, uploadId: string) {
    this.#connection = connection
    this.#target = { Bucket: connection.location.bucket, Key: key, UploadId: uploadId }
  }

  static async begin(
    connection: S3Connection,
    { key, writer }: Pick<ObjectToPublish, 'key' | 'writer'>,
  ): Promise<MultipartUpload> {
    const { client, location } = connection
    const command = new CreateMultipartUploadCommand({
      Bucket: location.bucket,
      Key: key,
      ContentType: 'application/octet-stream',
      Metadata: { [WRITER_MARK]: writer },
      ...(location.checksums === 'sha256' && { ChecksumAlgorithm: 'SHA256' }),
    })
    const begun = await withDeadline(connection, abortSignal => client.send(command, { abortSignal })).catch(
      throwStoreError,
    )
    if (!begun.UploadId) throw new Error('the store has begun an upload without an id')
    return new MultipartUpload(connection, key, begun.UploadId)
  }

  /** By which the store knows the upload. */
  get uploadId(): string {
    return this.#target.UploadId
  }

  /** Sends the next part. */
  async send({ body, sha256 }: PartBytes, abortSignal: AbortSignal): Promise<void> {
    const number = this.#parts.length + 1
    const checksum = this.#hasChecksums ? { ChecksumSHA256: sha256.toString('base64') } : {}
    const part = { ...this.#target, PartNumber: number, Body: body, ContentLength: body.length, ...checksum }
    const command = signBody(new UploadPartCommand(part), sha256)
    const { ETag } = await this.#connection.sender.send(command, { abortSignal }).catch(throwStoreError)
    // The ETag goes back as it came, quotes included.
    this.#parts.push({ PartNumber: number, ETag, ...checksum })
    this.#digests.push(sha256)
  }

  /** Resolves when the object is in the store, in its full length. */
  async complete(object: ObjectToPublish, conditions: Conditions): Promise<void> {
    const completed = await conditionally(this.#connection, object, conditions, condition => this.#complete(condition))
      // Also "there is no such upload": an attempt whose answer was lost may have completed it.
      .catch((error: unknown) => settleFailure(this.#connection, object, error))
    if (!completed) return
    await requireWhole(this.#connection, object)
    if (this.#areSameParts(completed.ChecksumSHA256)) return
    await deleteObject(this.#connection, object.key)
    throw new StoreUnavailableError(
      new Error(`the store has put ${object.key} together from other bytes than it was sent`),
    )
  }

  /** Removes the parts. After the completion, or a second time, it does nothing. */
  async abort(): Promise<void> {
    await abortUpload(this.#connection, this.#target.Key, this.#target.UploadId)
  }

  #complete(condition: { IfNoneMatch?: '*' }) {
    const { client, timeouts } = this.#connection
    const command = new CompleteMultipartUploadCommand({
      ...this.#target,
      ...condition,
      MultipartUpload: { Parts: this.#parts },
    })
    const { completeMs } = timeouts
    return withDeadline(
      this.#connection,
      abortSignal => client.send(command, { abortSignal, requestTimeout: completeMs }),
      3 * completeMs,
    )
  }

  /** The store's checksum of the whole is made from those of its parts. Some stores tell none. */
  #areSameParts(checksum: string | undefined): boolean {
    if (checksum === undefined || !this.#hasChecksums) return true
    const composite = createHash('sha256').update(Buffer.concat(this.#digests)).digest('base64')
    return checksum === composite || checksum === `${composite}-${this.#digests.length}`
  }

  get #hasChecksums(): boolean {
    return this.#connection.location.checksums === 'sha256'
  }
}
