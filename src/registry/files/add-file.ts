import type { Actor } from '../../domain/actor.ts'
import { conflict, type RegistryError } from '../../domain/errors.ts'
import { type FileCondition, requireCondition, type StoredFile } from '../../domain/file.ts'
import { folderKeys, pathKey } from '../../domain/file-path.ts'
import type { Version } from '../../domain/version.ts'
import { markBlobsUnreferenced } from '../../metadata/blobs.ts'
import type { Queryable } from '../../metadata/database.ts'
import { findClashingPath, findFile, upsertFile } from '../../metadata/files.ts'
import { countDraftChange } from '../../metadata/versions.ts'
import { requireStillAuthenticated } from '../api-keys/authenticate.ts'
import { queueBlobReclaim } from '../blobs/queue-blob-reclaim.ts'
import { recordEvent } from '../events/record-event.ts'
import { getOwnModel } from '../models/get-model.ts'
import type { Registry } from '../registry.ts'
import { getFileOf } from './get-file.ts'

export interface NewFile {
  version: Version
  path: string
  contentType: string
  blob: { size: number; sha256: string }
  /** The blob that has the bytes. */
  blobId: string
  condition?: FileCondition | undefined
}

/**
 * Gives a draft a file whose bytes are durable already, inside the transaction at the end of an upload. Everything that may have changed
 * during the upload is asked again. Throws `unauthenticated`, `not_found` or `conflict`.
 */
export async function addFile(registry: Registry, trx: Queryable, actor: Actor, file: NewFile): Promise<StoredFile> {
  const { version, path, contentType, blob, blobId, condition } = file
  const at = registry.clock.now()
  await requireStillAuthenticated(trx, actor, at)
  // The rows of a deleted model go in the background, so its versions may still be there.
  await getOwnModel(trx, actor, version.modelId)
  const key = pathKey(path)
  const clash = await findClashingPath(trx, version, { path, key, folderKeys: folderKeys(key) })
  if (clash !== undefined) throw pathClash(path, clash)
  const replaced = await findFile(trx, version, path)
  requireCondition(condition, replaced)
  const change = { files: replaced ? 0 : 1, bytes: blob.size - (replaced?.size ?? 0), at }
  if (!(await countDraftChange(trx, version, change))) throw noLongerDraft(version)
  await upsertFile(trx, version, { path, key, blobId, contentType, createdAt: at })
  if (replaced && (await markBlobsUnreferenced(trx, [replaced.blob.id], at))) await queueBlobReclaim(registry, trx, at)
  const { modelId, number } = version
  const { size, sha256 } = blob
  await recordEvent(trx, actor, { kind: 'file.put', at, modelId, version: number, details: { path, size, sha256 } })
  return await getFileOf(trx, version, path)
}

/** The version was a draft when the work began. */
export function noLongerDraft(version: Version): RegistryError {
  return conflict(`version ${version.number} was committed or deleted meanwhile, its files can't change`)
}

function pathClash(path: string, other: string): RegistryError {
  const reason =
    pathKey(path) === pathKey(other) ? 'differs from it only in case' : 'would have to be a folder and a file at once'
  return conflict(`path "${path}" can't stand beside "${other}": it ${reason}`)
}
