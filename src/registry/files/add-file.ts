import type { Actor } from '../../domain/actor.ts'
import type { Blob } from '../../domain/blob.ts'
import { alreadyExists, type RegistryError } from '../../domain/errors.ts'
import { type FileCondition, requireCondition, type StoredFile } from '../../domain/file.ts'
import { folderKeys, pathKey } from '../../domain/file-path.ts'
import { aboutFile } from '../../domain/version.ts'
import { findClashingPath, findFile, upsertFile } from '../../metadata/files.ts'
import { countDraftChange } from '../../metadata/versions.ts'
import { releaseBlobs } from '../blobs/release-blobs.ts'
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

/**
 * Gives a draft a file whose bytes are durable already, inside the transaction at the end of an upload. Everything that may have changed
 * during the upload is asked again, under the lock of the draft. Throws `not_found`, `conflict` or `precondition_failed`.
 */
export async function addFile(
  registry: Registry,
  step: Change,
  actor: Actor,
  { file, blob }: { file: NewFile; blob: Pick<Blob, 'id' | 'size' | 'sha256'> },
): Promise<StoredFile> {
  const { trx, at, record } = step
  const { path, contentType, condition } = file
  const version = await lockOwnDraft(trx, actor, { modelId: file.modelId, ref: String(file.version) })
  const key = pathKey(path)
  const clash = await findClashingPath(trx, version, { path, key, folderKeys: folderKeys(key) })
  if (clash !== undefined) throw pathClash(path, clash)
  const replaced = await findFile(trx, version, path)
  requireCondition(condition, replaced)
  const { id: blobId, size, sha256 } = blob
  await countDraftChange(trx, version, { files: replaced ? 0 : 1, bytes: size - (replaced?.size ?? 0), at })
  await upsertFile(trx, version, { path, key, blobId, contentType, createdAt: at })
  if (replaced) await releaseBlobs(registry, step, [replaced.blob.id])
  record({ kind: 'file.put', ...aboutFile(version, path), details: { path, size, sha256 } })
  return await getFileOf(trx, version, path)
}

function pathClash(path: string, other: string): RegistryError {
  const reason =
    pathKey(path) === pathKey(other) ? 'differs from it only in case' : 'would have to be a folder and a file at once'
  return alreadyExists(`path "${path}" can't stand beside "${other}": it ${reason}`, { kind: 'file', id: other })
}
