/** Parts that clients send to the store themselves, by URLs that are signed for one part each. */
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { SignedRequest, StoredPart } from '../part-signer.ts'
import type { S3Connection } from './s3-connection.ts'
import { throwStoreError } from './s3-errors.ts'
import { requireWhole, settleFailure } from './s3-publish.ts'
import { WRITER_MARK, withDeadline } from './s3-requests.ts'

/** Staged bytes of one blob: its id, and the store's id of the upload. */
export interface S3Staging {
  id: string
  uploadId: string
}

/** The mark of a blob that comes in this way: the same for all senders of its parts. */
const writerOf = (id: string) => `parts-of-${id}`

/** Without an algorithm for checksums: a store that was told one refuses every part without a checksum, and not every client has them. */
export async function beginParts(connection: S3Connection, id: string): Promise<string> {
  const { client, location, keys } = connection
  const command = new CreateMultipartUploadCommand({
    Bucket: location.bucket,
    Key: keys.blob(id),
    ContentType: 'application/octet-stream',
    Metadata: { [WRITER_MARK]: writerOf(id) },
  })
  const { UploadId } = await withDeadline(connection, abortSignal => client.send(command, { abortSignal })).catch(
    throwStoreError,
  )
  if (!UploadId) throw new Error('the store has begun an upload without an id')
  return UploadId
}

const CHECKSUM_HEADER = 'x-amz-checksum-sha256'

/** The length is signed, and the checksum as a header: in the query, where the signer would put it, not every store compares it. */
export async function signPart(
  connection: S3Connection,
  staging: S3Staging,
  part: { number: number; size: number; sha256?: string | undefined },
  lifetimeMs: number,
): Promise<SignedRequest> {
  const { client, location } = connection
  const checksum =
    part.sha256 === undefined || location.checksums !== 'sha256'
      ? undefined
      : Buffer.from(part.sha256, 'hex').toString('base64')
  const command = new UploadPartCommand({
    ...targetOf(connection, staging),
    PartNumber: part.number,
    ContentLength: part.size,
    ...(checksum !== undefined && { ChecksumSHA256: checksum }),
  })
  const now = Date.now()
  // A URL that was signed with credentials that end is good for no longer than they are.
  const { expiration } = await client.config.credentials()
  const ms = Math.max(1000, Math.min(lifetimeMs, (expiration?.getTime() ?? Number.POSITIVE_INFINITY) - now))
  const url = await getSignedUrl(client, command, {
    expiresIn: Math.floor(ms / 1000),
    unhoistableHeaders: new Set([CHECKSUM_HEADER]),
  })
  const headers = checksum === undefined ? {} : { [CHECKSUM_HEADER]: checksum }
  return { method: 'PUT', url, headers, expiresAt: now + ms }
}

/** Those after the given number, sorted by number. */
export async function* listStoredParts(
  connection: S3Connection,
  staging: S3Staging,
  after = 0,
): AsyncGenerator<StoredPart> {
  const { client } = connection
  let marker: string | undefined = String(after)
  do {
    const command: ListPartsCommand = new ListPartsCommand({
      ...targetOf(connection, staging),
      PartNumberMarker: marker,
    })
    const page = await withDeadline(connection, abortSignal => client.send(command, { abortSignal })).catch(
      throwStoreError,
    )
    for (const { PartNumber, Size, ETag, ChecksumSHA256 } of page.Parts ?? []) {
      if (PartNumber === undefined || Size === undefined || ETag === undefined) continue
      const sha256 = ChecksumSHA256 === undefined ? null : Buffer.from(ChecksumSHA256, 'base64').toString('hex')
      yield { number: PartNumber, size: Size, etag: ETag, sha256 }
    }
    marker = page.IsTruncated ? page.NextPartNumberMarker : undefined
  } while (marker !== undefined)
}

/** Resolves when the object is in the store, in its full length; also when an earlier attempt has put it there. */
export async function completeParts(
  connection: S3Connection,
  staging: S3Staging,
  { parts, size }: { parts: StoredPart[]; size: number },
): Promise<void> {
  const { client, keys, timeouts } = connection
  const { id } = staging
  const object = { id, key: keys.blob(id), size, writer: writerOf(id) }
  const command = new CompleteMultipartUploadCommand({
    ...targetOf(connection, staging),
    MultipartUpload: { Parts: parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag })) },
  })
  const { completeMs } = timeouts
  try {
    const send = (abortSignal: AbortSignal) => client.send(command, { abortSignal, requestTimeout: completeMs })
    await withDeadline(connection, send, 3 * completeMs)
  } catch (error) {
    // Also "there is no such upload": an attempt whose answer was lost may have completed it.
    return await settleFailure(connection, object, error)
  }
  await requireWhole(connection, object)
}

function targetOf({ location, keys }: S3Connection, { id, uploadId }: S3Staging) {
  return { Bucket: location.bucket, Key: keys.blob(id), UploadId: uploadId }
}
