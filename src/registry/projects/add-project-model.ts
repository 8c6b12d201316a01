import type { Actor } from '../../domain/actor.ts'
import type { Model } from '../../domain/model.ts'
import { updateModel } from '../models/update-model.ts'
import type { Registry } from '../registry.ts'

/** Puts a model into a project; it leaves the one it was in. */
export async function addProjectModel(
  registry: Registry,
  actor: Actor,
  input: { projectId: string; modelId: string },
): Promise<Model> {
  return await updateModel(registry, actor, { modelId: input.modelId, change: { projectId: input.projectId } })
}
