import type { Actor } from '../../domain/actor.ts'
import { type Model, requireModelDescription, requireModelName } from '../../domain/model.ts'
import * as models from '../../metadata/models.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireRole } from '../policies.ts'
import { getOwnProject } from '../projects/get-project.ts'
import type { Registry } from '../registry.ts'
import { getOwnModel } from './get-model.ts'

/** What is left out stays as it is. */
export interface ModelChange {
  name?: string | undefined
  description?: string | null | undefined
  isPublic?: boolean | undefined
  /** Null takes the model out of its project. */
  projectId?: string | null | undefined
}

export async function updateModel(
  registry: Registry,
  actor: Actor,
  input: { modelId: string; change: ModelChange },
): Promise<Model> {
  requireRole(actor, 'writer')
  const change = definedOnly(input.change)
  if (change.name !== undefined) requireModelName(change.name)
  if (change.description !== undefined) requireModelDescription(change.description)
  return await registry.db.transaction(async trx => {
    const before = await getOwnModel(trx, actor, input.modelId)
    if (change.projectId) await getOwnProject(trx, actor, change.projectId)
    const at = registry.clock.now()
    const model = { ...before, ...change, modifiedAt: at }
    await models.updateModel(trx, model)
    await recordEvent(trx, actor, { kind: 'model.update', at, modelId: model.id, details: { ...change } })
    return model
  })
}

function definedOnly(change: ModelChange): Partial<Model> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
}
