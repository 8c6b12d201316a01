import type { Actor } from '../../domain/actor.ts'
import type { Blob } from '../../domain/blob.ts'
import { alreadyExists, type RegistryError } from '../../domain/errors.ts'
import { type FileCondition, requireCondition, type StoredFile } from '../../domain/file.ts'
import { folderKeys, pathKey } from '../../domain/file-path.ts'
import { aboutFile, type Version } from '../../domain/version.ts'
import { findClashingPath, findFile, upsertFile } from '../../metadata/files.ts'
import { countDraftChange } from '../../metadata/versions.ts'
import { releaseBlobs } from '../blobs/release-blobs.ts'
import type { Prepared } from '../blobs/store-blob.ts'
import type { Change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { lockOwnDraft } from '../versions/get-version.ts'
import { getFileOf } from './get-file.ts'

export interface NewFile {
  modelId: string
  version: number
  path: string
  contentType: string
  condition?: FileCondition | undefined
}

/** Where a file goes in a draft that is locked. */
export interface FilePlace extends Prepared {
  version: Version
  replaced: StoredFile | undefined
}

/**
 * Asks everything that may have changed during an upload again, under the lock of the draft, inside the transaction at its end. Throws
 * `not_found`, `conflict`, `already_exists` or `precondition_failed`.
 */
export async function prepareFile(
  { trx }: Change,
  actor: Actor,
  { modelId, version: number, path, condition }: NewFile,
): Promise<FilePlace> {
  const version = await lockOwnDraft(trx, actor, { modelId, ref: String(number) })
  const key = pathKey(path)
  const clash = await findClashingPath(trx, version, { path, key, folderKeys: folderKeys(key) })
  if (clash !== undefined) throw pathClash(path, clash)
  const replaced = await findFile(trx, version, path)
  requireCondition(condition, replaced)
  return { version, replaced, releases: replaced ? [replaced.blob.id] : [] }
}

/** Gives a draft a file whose bytes are durable already, in the transaction that has prepared its place. */
export async function addFile(
  registry: Registry,
  step: Change,
  { file, blob, place }: { file: NewFile; blob: Pick<Blob, 'id' | 'size' | 'sha256'>; place: FilePlace },
): Promise<StoredFile> {
  const { trx, at, record } = step
  const { path, contentType } = file
  const { version, replaced, releases } = place
  const { id: blobId, size, sha256 } = blob
  await countDraftChange(trx, version, { files: replaced ? 0 : 1, bytes: size - (replaced?.size ?? 0), at })
  await upsertFile(trx, version, { path, key: pathKey(path), blobId, contentType, createdAt: at })
  await releaseBlobs(registry, step, releases)
  record({ kind: 'file.put', ...aboutFile(version, path), details: { path, size, sha256 } })
  return await getFileOf(trx, version, path)
}

function pathClash(path: string, other: string): RegistryError {
  const reason =
    pathKey(path) === pathKey(other) ? 'differs from it only in case' : 'would have to be a folder and a file at once'
  return alreadyExists(`path "${path}" can't stand beside "${other}": it ${reason}`, { kind: 'file', id: other })
}
