import type { Readable } from 'node:stream'
import type { Actor } from '../../domain/actor.ts'
import type { DeclaredBytes } from '../../domain/declared-bytes.ts'
import { invalidArgument } from '../../domain/errors.ts'
import { type FileCondition, requireCondition, type StoredFile } from '../../domain/file.ts'
import { findPathProblem } from '../../domain/file-path.ts'
import { requirePermission } from '../../domain/permissions.ts'
import { requireDraft } from '../../domain/version.ts'
import { findFile } from '../../metadata/files.ts'
import type { Registry } from '../registry.ts'
import { getStorageProviderOf } from '../storage-providers/get-storage-provider.ts'
import { receiveUpload } from '../uploads/receive-upload.ts'
import { getOwnVersion, type VersionRef } from '../versions/get-version.ts'
import { addFile, prepareFile } from './add-file.ts'

export interface FileUpload extends VersionRef {
  path: string
  body: Readable
  contentType: string
  /** What the sender says the bytes are: `size` in bytes, `sha256` in hex. Checked before anything is published. */
  expected: DeclaredBytes
  condition?: FileCondition | undefined
}

/**
 * Takes a file into a draft; a file already at the path is replaced. Bytes first, row last: the answer comes after both are on disk, and
 * an upload that breaks off at any point leaves nothing that anyone can see.
 */
export async function putFile(registry: Registry, actor: Actor, upload: FileUpload): Promise<StoredFile> {
  requirePermission(actor, 'file.put')
  const { path, contentType, body, expected, condition } = upload
  const problem = findPathProblem(path)
  if (problem) throw invalidArgument('path', problem)
  // Asked before the first byte is read, and again in the transaction: the answer may change during a long upload.
  const { model, version } = await getOwnVersion(registry.db.read, actor, upload)
  requireDraft(version)
  requireCondition(condition, await findFile(registry.db.read, version, path))
  const provider = await getStorageProviderOf(registry.db.read, model)
  const file = { modelId: model.id, version: version.number, path, contentType, condition }
  return await receiveUpload(
    registry,
    actor,
    { provider, version, path, body, expected },
    {
      prepare: step => prepareFile(step, actor, file),
      link: (step, blob, place) => addFile(registry, step, { file, blob, place }),
    },
  )
}
