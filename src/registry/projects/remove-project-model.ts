import type { Actor } from '../../domain/actor.ts'
import { notFound } from '../../domain/errors.ts'
import type { Model } from '../../domain/model.ts'
import { change } from '../change.ts'
import { lockOwnModel } from '../models/get-model.ts'
import { applyChange } from '../models/update-model.ts'
import type { Registry } from '../registry.ts'
import { shareOwnProject } from './get-project.ts'

/** Takes a model out of a project. Throws `not_found` when it isn't in that project. */
export async function removeProjectModel(
  registry: Registry,
  actor: Actor,
  input: { projectId: string; modelId: string },
): Promise<Model> {
  return await change(registry, actor, 'model.update', async step => {
    const project = await shareOwnProject(step.trx, actor, input.projectId)
    const before = await lockOwnModel(step.trx, actor, input.modelId)
    if (before.projectId !== project.id) {
      throw notFound('model', before.id, `model "${before.id}" is not in project "${project.id}"`)
    }
    return await applyChange(step, before, { projectId: null })
  })
}
