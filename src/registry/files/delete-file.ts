import type { Actor } from '../../domain/actor.ts'
import { type FileCondition, requireCondition } from '../../domain/file.ts'
import { aboutFile, type Version } from '../../domain/version.ts'
import { deleteFileRow } from '../../metadata/files.ts'
import { countDraftChange } from '../../metadata/versions.ts'
import { releaseBlobs } from '../blobs/release-blobs.ts'
import { change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { lockOwnDraft } from '../versions/get-version.ts'
import { type FileRef, getFileOf } from './get-file.ts'

/** Takes a file out of a draft. */
export async function deleteFile(
  registry: Registry,
  actor: Actor,
  ref: FileRef & { condition?: FileCondition },
): Promise<Version> {
  return await change(registry, actor, 'file.delete', async step => {
    const { trx, at, record } = step
    const version = await lockOwnDraft(trx, actor, ref)
    const file = await getFileOf(trx, version, ref.path)
    requireCondition(ref.condition, file)
    await countDraftChange(trx, version, { files: -1, bytes: -file.size, at })
    await deleteFileRow(trx, version, file.path)
    await releaseBlobs(registry, step, [file.blob.id])
    record({ kind: 'file.delete', ...aboutFile(version, file.path), details: { path: file.path } })
    return version
  })
}
