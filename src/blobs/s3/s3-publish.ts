/**
 * The step that makes an object readable, and the proof that it did. What a store answers is not enough: an answer can be lost, and a store
 * may keep less than it was sent. So each object carries the mark of its writer, and in doubt the store is asked what it has.
 */

import { StoreUnavailableError } from '../blob-store.ts'
import type { S3Connection } from './s3-connection.ts'
import { type S3Failure, statusOf, toStoreError } from './s3-errors.ts'
import { deleteObject, type FoundObject, findObject } from './s3-requests.ts'

export interface ObjectToPublish {
  id: string
  key: string
  /** In bytes. */
  size: number
  /** The mark of this one writer. */
  writer: string
}

/** Whether the store honours `If-None-Match`: taken for granted until it refuses. Shared by all writers of a store. */
export interface Conditions {
  areHonoured: boolean
}

function alreadyStored(id: string, cause?: unknown): Error {
  return new Error(`blob ${id} is already in the store`, { cause })
}

/** Looks for an object under the key before it is written, where the store itself can't refuse to overwrite one. */
export async function requireUnused(connection: S3Connection, { id, key }: ObjectToPublish): Promise<void> {
  if (await findObject(connection, key)) throw alreadyStored(id)
}

/** Throws unless the store has the object, from this writer and whole. What is there in part is removed. */
export async function requireWhole(connection: S3Connection, object: ObjectToPublish): Promise<void> {
  const found = await findObject(connection, object.key)
  if (!found) throw new StoreUnavailableError(new Error(`the store took ${object.key}, but does not have it`))
  if (isOthers(found, object)) throw alreadyStored(object.id)
  if (found.size === object.size) return
  await deleteObject(connection, object.key)
  throw cut(object, found)
}

/** After a failure whose outcome only the store knows: resolves when the object is there after all, else throws what the failure means. */
export async function settleFailure(
  connection: S3Connection,
  object: ObjectToPublish,
  failure: unknown,
): Promise<void> {
  const found = await findObject(connection, object.key).catch(() => undefined)
  if (!found) throw toStoreError(failure)
  if (isOthers(found, object)) throw alreadyStored(object.id, failure)
  // Without marks a refusal of the first attempt is somebody else's object; that of a repeated one may be due to our own.
  const isRefused = statusOf(failure) === 412 && (failure as S3Failure).$metadata?.attempts === 1
  if (found.writer === undefined && isRefused) throw alreadyStored(object.id, failure)
  if (found.size === object.size) return
  if (found.writer === object.writer) await deleteObject(connection, object.key)
  throw cut(object, found)
}

function isOthers(found: FoundObject, { writer }: ObjectToPublish): boolean {
  return found.writer !== undefined && found.writer !== writer
}

function cut({ key, size }: ObjectToPublish, found: FoundObject): Error {
  return new StoreUnavailableError(new Error(`${size} bytes of ${key} were sent, but the store has kept ${found.size}`))
}
