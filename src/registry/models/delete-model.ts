import type { Actor } from '../../domain/actor.ts'
import { enqueueJob } from '../../metadata/jobs.ts'
import { markModelDeleted } from '../../metadata/models.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'
import { getOwnModel } from './get-model.ts'

/**
 * Deletes a model with all its versions, files and aliases. It is gone for everyone at once; its rows and bytes are removed by a job that
 * is queued in the same transaction, so that a model with a million files is deleted as fast as an empty one.
 */
export async function deleteModel(registry: Registry, actor: Actor, id: string): Promise<void> {
  requireRole(actor, 'writer')
  await registry.db.transaction(async trx => {
    const model = await getOwnModel(trx, actor, id)
    const at = registry.clock.now()
    await markModelDeleted(trx, model.id, at)
    await recordEvent(trx, actor, { kind: 'model.delete', at, modelId: model.id, details: { name: model.name } })
    await enqueueJob(trx, { kind: 'reclaim-model', subject: model.id, runAt: at, createdAt: at })
  })
  registry.wakeJobs()
}
