import type { Actor } from '../../domain/actor.ts'
import { type FileCondition, requireCondition } from '../../domain/file.ts'
import { requireDraft, type Version } from '../../domain/version.ts'
import { markBlobsUnreferenced } from '../../metadata/blobs.ts'
import { deleteFileRow } from '../../metadata/files.ts'
import { countDraftChange } from '../../metadata/versions.ts'
import { queueBlobReclaim } from '../blobs/queue-blob-reclaim.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'
import { getOwnVersion } from '../versions/get-version.ts'
import { noLongerDraft } from './add-file.ts'
import { type FileRef, getFileOf } from './get-file.ts'

/** Takes a file out of a draft. */
export async function deleteFile(
  registry: Registry,
  actor: Actor,
  ref: FileRef & { condition?: FileCondition },
): Promise<Version> {
  requireRole(actor, 'writer')
  return await registry.db.transaction(async trx => {
    const { version } = await getOwnVersion(trx, actor, ref)
    requireDraft(version)
    const file = await getFileOf(trx, version, ref.path)
    requireCondition(ref.condition, file)
    const at = registry.clock.now()
    if (!(await countDraftChange(trx, version, { files: -1, bytes: -file.size, at }))) throw noLongerDraft(version)
    await deleteFileRow(trx, version, file.path)
    if (await markBlobsUnreferenced(trx, [file.blob.id], at)) await queueBlobReclaim(registry, trx, at)
    const { modelId, number } = version
    await recordEvent(trx, actor, { kind: 'file.delete', at, modelId, version: number, details: { path: file.path } })
    return version
  })
}
