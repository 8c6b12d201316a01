import type { Actor } from '../../domain/actor.ts'
import { markModelDeleted } from '../../metadata/models.ts'
import { change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { lockOwnModel } from './get-model.ts'

/**
 * Deletes a model with all its versions, files and aliases. It is gone for everyone at once; its rows and bytes are removed by a job that
 * is queued in the same transaction, so that a model with a million files is deleted as fast as an empty one.
 */
export async function deleteModel(registry: Registry, actor: Actor, id: string): Promise<void> {
  await change(registry, actor, 'model.delete', async ({ trx, at, record, queue }) => {
    const model = await lockOwnModel(trx, actor, id)
    await markModelDeleted(trx, model.id, at)
    record({
      kind: 'model.delete',
      subject: { kind: 'model', id: model.id },
      modelId: model.id,
      details: { name: model.name },
    })
    queue({ kind: 'reclaim-model', key: model.id, payload: { modelId: model.id } })
  })
}
