import type { Actor } from '../../domain/actor.ts'
import { RegistryError } from '../../domain/errors.ts'
import type { Model } from '../../domain/model.ts'
import { updateModel } from '../../metadata/models.ts'
import { recordEvent } from '../events/record-event.ts'
import { getOwnModel } from '../models/get-model.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'
import { getOwnProject } from './get-project.ts'

/** Takes a model out of a project. Throws `not_found` when it isn't in that project. */
export async function removeModelFromProject(
  registry: Registry,
  actor: Actor,
  input: { projectId: string; modelId: string },
): Promise<Model> {
  requireRole(actor, 'writer')
  return await registry.db.transaction(async trx => {
    const project = await getOwnProject(trx, actor, input.projectId)
    const before = await getOwnModel(trx, actor, input.modelId)
    if (before.projectId !== project.id) {
      throw new RegistryError('not_found', `model "${before.id}" is not in project "${project.id}"`)
    }
    const at = registry.clock.now()
    const model = { ...before, projectId: null, modifiedAt: at }
    await updateModel(trx, model)
    await recordEvent(trx, actor, { kind: 'model.update', at, modelId: model.id, details: { projectId: null } })
    return model
  })
}
