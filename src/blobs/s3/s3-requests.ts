/** The requests that reading, looking and cleaning up are made of. Each fails in the words of every store. */
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3'
import type { S3Connection } from './s3-connection.ts'
import { isAbsent, statusOf, throwStoreError, toStoreError } from './s3-errors.ts'

/** Marks an object with the one writer that has sent it. */
export const WRITER_MARK = 'holotype-writer'

export interface FoundObject {
  size: number
  /** The mark of its writer, undefined where the store has not kept it. */
  writer: string | undefined
}

/** Ends what the store leaves unanswered, also where its answer has begun. Time for all attempts together. */
export async function withDeadline<T>(
  { timeouts }: S3Connection,
  work: (abortSignal: AbortSignal) => Promise<T>,
  ms: number = 3 * timeouts.idleMs,
): Promise<T> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), ms)
  try {
    return await work(controller.signal)
  } finally {
    clearTimeout(timer)
  }
}

/** Undefined when the store has proven that there is no such object. */
export async function findObject(connection: S3Connection, key: string): Promise<FoundObject | undefined> {
  const { client, location } = connection
  try {
    const found = await withDeadline(connection, abortSignal =>
      client.send(new HeadObjectCommand({ Bucket: location.bucket, Key: key }), { abortSignal }),
    )
    return { size: requireLength(found.ContentLength), writer: found.Metadata?.[WRITER_MARK] }
  } catch (error) {
    if (isAbsent(error, { isHead: true })) return undefined
    throw toStoreError(error)
  }
}

/**
 * Opens an object, or a span of it, for reading. The body has its own end, see stored-body.ts. `absent`: the store has proven that there is no
 * such object; other than to `findObject`, it can say here that it is the bucket that is missing. `beyond`: the object ends before the span.
 */
export async function openObject(
  connection: S3Connection,
  key: string,
  range?: string,
): Promise<GetObjectCommandOutput | 'absent' | 'beyond'> {
  const { client, location } = connection
  const command = new GetObjectCommand({ Bucket: location.bucket, Key: key, Range: range })
  try {
    return await withDeadline(connection, abortSignal => client.send(command, { abortSignal }))
  } catch (error) {
    if (isAbsent(error)) return 'absent'
    if (range !== undefined && statusOf(error) === 416) return 'beyond'
    throw toStoreError(error)
  }
}

/** Absent is fine. */
export async function deleteObject(connection: S3Connection, key: string): Promise<void> {
  const { client, location } = connection
  const command = new DeleteObjectCommand({ Bucket: location.bucket, Key: key })
  await withDeadline(connection, abortSignal => client.send(command, { abortSignal })).catch((error: unknown) => {
    if (!isAbsent(error)) throw toStoreError(error)
  })
}

/** The objects whose keys begin so, a page at a time, with their times in ms since 1970. */
export async function* listObjects(
  connection: S3Connection,
  prefix: string,
): AsyncGenerator<{ key: string; modifiedAt: number }> {
  const { client, location } = connection
  let token: string | undefined
  do {
    const command = new ListObjectsV2Command({ Bucket: location.bucket, Prefix: prefix, ContinuationToken: token })
    const page = await withDeadline(connection, abortSignal => client.send(command, { abortSignal })).catch(
      throwStoreError,
    )
    for (const { Key, LastModified } of page.Contents ?? []) {
      if (Key !== undefined) yield { key: Key, modifiedAt: LastModified?.getTime() ?? 0 }
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}

export interface OpenUpload {
  key: string
  uploadId: string
  initiatedAt: number
}

/** The multipart uploads under way whose keys begin so. Some stores list them only for a whole key, and some not at all. */
export async function* listUploads(connection: S3Connection, prefix: string): AsyncGenerator<OpenUpload> {
  const { client, location } = connection
  let marker: { KeyMarker: string; UploadIdMarker: string | undefined } | undefined
  do {
    const command = new ListMultipartUploadsCommand({ Bucket: location.bucket, Prefix: prefix, ...marker })
    const page = await withDeadline(connection, abortSignal => client.send(command, { abortSignal }))
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Key !== undefined && UploadId !== undefined) {
        yield { key: Key, uploadId: UploadId, initiatedAt: Initiated?.getTime() ?? 0 }
      }
    }
    const { NextKeyMarker, NextUploadIdMarker } = page
    marker =
      page.IsTruncated && NextKeyMarker ? { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker } : undefined
  } while (marker !== undefined)
}

/** Ends a multipart upload and removes its parts. One that has ended already is fine. */
export async function abortUpload(connection: S3Connection, key: string, uploadId: string): Promise<void> {
  const { client, location } = connection
  const command = new AbortMultipartUploadCommand({ Bucket: location.bucket, Key: key, UploadId: uploadId })
  await withDeadline(connection, abortSignal => client.send(command, { abortSignal })).catch((error: unknown) => {
    const isOver = error instanceof Error && (error.name === 'NoSuchUpload' || isAbsent(error))
    if (!isOver) throw toStoreError(error)
  })
}

/** A store that does not say how long an object is can't be checked. */
export function requireLength(length: number | undefined): number {
  if (length !== undefined && Number.isSafeInteger(length) && length >= 0) return length
  throw toStoreError(Object.assign(new Error('the store does not say how long the object is'), { $metadata: {} }))
}
