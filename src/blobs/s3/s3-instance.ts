/** The object that says whose bytes lie under a prefix. Once it is there it never changes. */

import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { requireInstanceId } from '../blob-id.ts'
import { OtherInstanceError } from '../blob-store.ts'
import type { S3Connection } from './s3-connection.ts'
import { isNotImplemented, statusOf, toStoreError } from './s3-errors.ts'
import { openObject, requireLength, withDeadline } from './s3-requests.ts'
import { storedBody } from './stored-body.ts'

/** Longer than any id, so that a foreign object of any size is refused unread. In bytes. */
const MOST = 64

/** @returns undefined when there is no such object. Throws when it holds anything else than an id. */
export async function readInstanceObject(connection: S3Connection): Promise<string | undefined> {
  const { keys, timeouts } = connection
  const found = await openObject(connection, keys.instance)
  if (typeof found === 'string') return undefined
  const length = requireLength(found.ContentLength)
  const body = storedBody(found.Body as Readable, { length, idleMs: timeouts.idleMs })
  try {
    if (length > MOST) throw new TypeError('it is too long')
    return requireInstanceId((await buffer(body)).toString('latin1').trim())
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new Error(`the object ${keys.instance} does not hold the id of a registry`, { cause: error })
  } finally {
    body.destroy()
  }
}

/**
 * Throws `OtherInstanceError` when the object holds another id. Where the store knows no conditions, two registries that begin at the very
 * same moment may both take a prefix; each start asks again, and the one whose id is not there any more stops.
 */
export async function writeInstanceObject(connection: S3Connection, id: string): Promise<void> {
  requireInstanceId(id)
  const present = await readInstanceObject(connection)
  if (present === undefined) await putInstanceObject(connection, id)
  const found = present ?? (await readInstanceObject(connection))
  if (found !== id) throw new OtherInstanceError(id, String(found))
}

/** Leaves the object as it is when another process has made it first. */
async function putInstanceObject(connection: S3Connection, id: string): Promise<void> {
  try {
    await put(connection, id, { IfNoneMatch: '*' }).catch((error: unknown) => {
      if (!isNotImplemented(error)) throw error
      return put(connection, id, {})
    })
  } catch (error) {
    const isTaken = statusOf(error) === 412 || statusOf(error) === 409
    if (!isTaken) throw toStoreError(error)
  }
}

async function put(connection: S3Connection, id: string, condition: { IfNoneMatch?: '*' }): Promise<void> {
  const { client, location, keys } = connection
  const object = {
    Bucket: location.bucket,
    Key: keys.instance,
    Body: Buffer.from(`${id}\n`),
    ContentType: 'text/plain',
  }
  const command = new PutObjectCommand({ ...object, ...condition })
  await withDeadline(connection, abortSignal => client.send(command, { abortSignal }))
}
