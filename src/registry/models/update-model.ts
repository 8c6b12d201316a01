import type { Actor } from '../../domain/actor.ts'
import type { EventDetails } from '../../domain/event.ts'
import { type Model, nameTaken, requireModelDescription, requireModelName } from '../../domain/model.ts'
import * as models from '../../metadata/models.ts'
import { type Change, change } from '../change.ts'
import { shareOwnProject } from '../projects/get-project.ts'
import type { Registry } from '../registry.ts'
import { lockOwnModel } from './get-model.ts'

/** What is left out stays as it is. */
export interface ModelChange {
  /** Becomes the model's own, unless it belongs to another. */
  name?: string | undefined
  description?: string | null | undefined
  isPublic?: boolean | undefined
  /** Null takes the model out of its project. */
  projectId?: string | null | undefined
}

export async function updateModel(
  registry: Registry,
  actor: Actor,
  input: { modelId: string; change: ModelChange; uniqueName?: boolean | undefined },
): Promise<Model> {
  const changed = checkChange(input.change)
  return await change(registry, actor, 'model.update', async step => {
    // The project before the model, everywhere: else two who lock both could wait for each other.
    if (typeof changed.projectId === 'string') await shareOwnProject(step.trx, actor, changed.projectId)
    const before = await lockOwnModel(step.trx, actor, input.modelId)
    return await applyChange(step, before, changed, input.uniqueName)
  })
}

/** Changes a model that is locked, and so is the project that it goes into. Throws `already_exists` for a name that belongs to another model, if it must be unique. */
export async function applyChange(
  { trx, at, record }: Change,
  before: Model,
  changed: EventDetails['model.update'],
  uniqueName = false,
): Promise<Model> {
  const model: Model = { ...before, ...changed, modifiedAt: at }
  await models.updateModel(trx, model)
  if (changed.name !== undefined) {
    const owner = await models.claimName(trx, model)
    if (owner !== undefined && uniqueName) throw nameTaken(model.name, owner)
  }
  record({
    kind: 'model.update',
    subject: { kind: 'model', id: model.id },
    modelId: model.id,
    details: changed,
  })
  return model
}

/** Key by key, so that nothing else of an input gets into the model. */
function checkChange({ name, description, isPublic, projectId }: ModelChange): EventDetails['model.update'] {
  return {
    ...(name !== undefined && { name: requireModelName(name) }),
    ...(description !== undefined && { description: requireModelDescription(description) }),
    ...(isPublic !== undefined && { isPublic }),
    ...(projectId !== undefined && { projectId }),
  }
}
