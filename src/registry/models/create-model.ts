import type { Actor } from '../../domain/actor.ts'
import { newId } from '../../domain/ids.ts'
import { type Model, nameTaken, requireModelDescription, requireModelName } from '../../domain/model.ts'
import { claimName, insertModel } from '../../metadata/models.ts'
import { change } from '../change.ts'
import { shareOwnProject } from '../projects/get-project.ts'
import type { Registry } from '../registry.ts'
import { shareOwnStorageProvider } from '../storage-providers/get-storage-provider.ts'
import { requireFreeName } from './get-model.ts'

export interface NewModel {
  name: string
  description?: string | null | undefined
  isPublic?: boolean | undefined
  projectId?: string | undefined
  storageProviderId?: string | undefined
  /** Refuses to make a namesake. */
  uniqueName?: boolean | undefined
}

/**
 * Creates a model in the actor's team. The name becomes its own, unless it belongs to another: then the model is a namesake, or with
 * `uniqueName` refused with `already_exists`. Throws `not_found` when the project or the storage provider is not one of the team's.
 */
export async function createModel(registry: Registry, actor: Actor, input: NewModel): Promise<Model> {
  const name = requireModelName(input.name)
  const description = requireModelDescription(input.description ?? null)
  return await change(registry, actor, 'model.create', async ({ trx, actor: { teamId }, at, record }) => {
    if (input.projectId !== undefined) await shareOwnProject(trx, actor, input.projectId)
    if (input.storageProviderId !== undefined) await shareOwnStorageProvider(trx, actor, input.storageProviderId)
    const model: Model = {
      id: newId('model'),
      teamId,
      name,
      description,
      isPublic: input.isPublic ?? false,
      projectId: input.projectId ?? null,
      storageProviderId: input.storageProviderId ?? null,
      createdAt: at,
      modifiedAt: at,
    }
    if (input.uniqueName === true) await requireFreeName(trx, teamId, name)
    const ownsName = await insertModel(trx, model)
    if (!ownsName && input.uniqueName === true) {
      // Another one took the name in between. It may have given it up again.
      const owner = await claimName(trx, model)
      if (owner !== undefined) throw nameTaken(name, owner)
    }
    record({
      kind: 'model.create',
      subject: { kind: 'model', id: model.id },
      modelId: model.id,
      details: { name },
    })
    return model
  })
}
