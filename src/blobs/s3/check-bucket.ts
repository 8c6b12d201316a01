/** Tries out in a bucket everything that a store needs, before anybody relies on it. */
import { randomBytes, randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { conflict, invalidArgument, RegistryError } from '../../domain/errors.ts'
import { explainStoreError, OtherInstanceError } from '../blob-store.ts'
import { MultipartUpload } from './multipart-upload.ts'
import { PartBuffer } from './part-buffer.ts'
import { putWhole } from './put-whole.ts'
import type { S3Connection } from './s3-connection.ts'
import { rootOf, statusOf, toStoreError } from './s3-errors.ts'
import { readInstanceObject, writeInstanceObject } from './s3-instance.ts'
import { readObject } from './s3-read.ts'
import { deleteObject, findObject, listObjects } from './s3-requests.ts'

const BYTES = 1000
const RANGE = { start: 100, end: 299 }

/**
 * Makes the prefix the one of a registry, after all has proved to work. `isOwn`: it must be that one's already. Throws `conflict` for a prefix of another
 * registry, else `invalid_argument` or `unavailable`, which name the step and tell what the store said.
 */
export async function checkBucket(
  connection: S3Connection,
  instanceId: string,
  { isOwn }: { isOwn: boolean },
): Promise<void> {
  const owner = await step('reading an object', () => readInstanceObject(connection))
  requireOwner(connection, owner, instanceId, isOwn)
  if (owner === undefined) await requireEmptyPrefix(connection)
  await tryObject(connection)
  await step('listing objects', () => requireSome(listObjects(connection, connection.keys.blobs)))
  await tryParts(connection)
  await step('writing the id of this registry', () => writeInstanceObject(connection, instanceId))
}

function requireOwner(connection: S3Connection, owner: string | undefined, instanceId: string, isOwn: boolean): void {
  if (owner === instanceId || (owner === undefined && !isOwn)) return
  if (owner === undefined) {
    throw conflict(
      'bytes of this registry are at the old place, and the new one does not have them: copy all objects there first, with the one named "instance"',
    )
  }
  throw otherRegistry(connection, owner)
}

function otherRegistry({ location, keys }: S3Connection, owner: string): RegistryError {
  return conflict(
    `bucket ${location.bucket} holds the bytes of the registry ${owner} under this prefix: choose another prefix (or, where that registry is gone, remove the object ${keys.instance})`,
  )
}

/** What lies there would look like leftovers of ours. */
async function requireEmptyPrefix(connection: S3Connection): Promise<void> {
  const { keys } = connection
  const isUsed = await step('listing objects', () => requireSome(listObjects(connection, keys.blobs)))
  if (isUsed)
    throw conflict(`there are objects under ${keys.blobs} already, of nobody knows what: choose an empty prefix`)
}

async function requireSome(objects: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _ of objects) return true
  return false
}

async function tryObject(connection: S3Connection): Promise<void> {
  const key = connection.keys.probe(randomUUID())
  const bytes = randomBytes(BYTES)
  const part = new PartBuffer(BYTES)
  part.take(bytes)
  const object = { id: 'probe', key, size: BYTES, writer: randomUUID() }
  try {
    await step('writing an object', () => putWhole(connection, object, part.finish(), { areHonoured: true }))
    await step('reading a part of an object', () => requireRange(connection, key, bytes))
    await step('looking at an object', () => requireObject(connection, key))
    await step('deleting an object', async () => {
      await deleteObject(connection, key)
      if (await findObject(connection, key)) throw said('the object is still there')
    })
  } catch (error) {
    await deleteObject(connection, key).catch(() => {})
    throw error
  }
}

async function requireRange(connection: S3Connection, key: string, bytes: Buffer): Promise<void> {
  const reading = await readObject(connection, key, RANGE)
  if (!reading) throw said('the object that was just written is not there')
  const read = await buffer(reading.stream)
  if (!read.equals(bytes.subarray(RANGE.start, RANGE.end + 1))) throw said('other bytes came than were written')
}

async function requireObject(connection: S3Connection, key: string): Promise<void> {
  const found = await findObject(connection, key)
  if (found?.size !== BYTES) throw said(`${BYTES} bytes were written, and there are ${found?.size ?? 'none'}`)
}

/** Two parts that never become an object: then they may be small. */
async function tryParts(connection: S3Connection): Promise<void> {
  const key = connection.keys.probe(randomUUID())
  const upload = await step('beginning an upload in parts', () =>
    MultipartUpload.begin(connection, { key, writer: randomUUID() }),
  )
  try {
    const part = new PartBuffer(BYTES)
    for (const bytes of [randomBytes(BYTES), randomBytes(10)]) {
      part.take(bytes)
      await step('sending a part', () => upload.send(part.finish(), new AbortController().signal))
      part.reset()
    }
    await step('ending an upload in parts', () => upload.abort())
  } catch (error) {
    await upload.abort().catch(() => {})
    throw error
  }
}

function said(message: string): Error {
  return toStoreError(Object.assign(new Error(message), { $metadata: {} }))
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OtherInstanceError) throw conflict(error.message)
    const message = `can not be used; ${name} failed: ${explainStoreError(error)}`
    if (isPassing(error)) throw new RegistryError('unavailable', `the bucket ${message}`, { cause: error })
    throw invalidArgument('s3Config', message)
  }
}

/** Whether the same settings may work a moment later. */
function isPassing(error: unknown): boolean {
  const root = rootOf(error)
  const status = statusOf(root)
  return root.name === 'TimeoutError' || root.name === 'AbortError' || status === 429 || (status ?? 0) >= 500
}
