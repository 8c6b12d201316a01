import type { Actor } from '../../domain/actor.ts'
import { newId } from '../../domain/ids.ts'
import { type Model, requireModelDescription, requireModelName } from '../../domain/model.ts'
import { insertModel } from '../../metadata/models.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireRole } from '../policies.ts'
import { getOwnProject } from '../projects/get-project.ts'
import type { Registry } from '../registry.ts'
import { getOwnStorageProvider } from '../storage-providers/get-storage-provider.ts'

export interface NewModel {
  name: string
  description?: string | null | undefined
  isPublic?: boolean | undefined
  projectId?: string | undefined
  storageProviderId?: string | undefined
}

/** Creates a model in the actor's team. Throws `not_found` when the project or the storage provider is not one of the team's. */
export async function createModel(registry: Registry, actor: Actor, input: NewModel): Promise<Model> {
  requireRole(actor, 'writer')
  const name = requireModelName(input.name)
  const description = requireModelDescription(input.description ?? null)
  return await registry.db.transaction(async trx => {
    if (input.projectId !== undefined) await getOwnProject(trx, actor, input.projectId)
    if (input.storageProviderId !== undefined) await getOwnStorageProvider(trx, actor, input.storageProviderId)
    // Taken inside the transaction, so that the order of times is the order of creation.
    const at = registry.clock.now()
    const model: Model = {
      id: newId('model'),
      teamId: actor.teamId,
      name,
      description,
      isPublic: input.isPublic ?? false,
      projectId: input.projectId ?? null,
      storageProviderId: input.storageProviderId ?? null,
      createdAt: at,
      modifiedAt: at,
    }
    await insertModel(trx, model)
    await recordEvent(trx, actor, { kind: 'model.create', at, modelId: model.id, details: { name } })
    return model
  })
}
