import type { Actor } from '../../domain/actor.ts'
import { conflict } from '../../domain/errors.ts'
import type { PartedUpload } from '../../domain/upload.ts'
import { lockPartedUpload, updatePartedUpload } from '../../metadata/uploads.ts'
import { change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { lockOwnVersion } from '../versions/get-version.ts'
import { removalOf } from './end-upload.ts'
import { getOwnUpload, type UploadRef } from './get-upload.ts'
import { KEEP_ENDED_MS } from './upload-times.ts'

/**
 * Gives up an upload, and removes what has been received of it. May be repeated. Throws `conflict` for one that is complete: its file is
 * deleted as a file.
 */
export async function deleteUpload(registry: Registry, actor: Actor, ref: UploadRef): Promise<PartedUpload> {
  const seen = await getOwnUpload(registry.db.read, actor, ref)
  return await change(registry, actor, 'file.put', async ({ trx, at, queue }) => {
    await lockOwnVersion(trx, actor, { modelId: seen.modelId, ref: String(seen.version) })
    const upload = await lockPartedUpload(trx, seen.id)
    if (!upload || upload.state === 'failed') return upload ?? seen
    if (upload.state === 'complete') {
      throw conflict(`the upload "${upload.id}" is complete; delete the file "${upload.path}" instead`, {
        kind: 'upload',
        id: upload.id,
      })
    }
    queue(removalOf(upload))
    const ended = { state: 'failed', problem: 'it was given up', expiresAt: at + KEEP_ENDED_MS } as const
    await updatePartedUpload(trx, upload.id, ended)
    return { ...upload, ...ended }
  })
}
