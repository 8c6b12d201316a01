import type { Actor } from '../../domain/actor.ts'
import { notFound } from '../../domain/errors.ts'
import type { Model } from '../../domain/model.ts'
import type { Queryable } from '../../metadata/database.ts'
import { findModel } from '../../metadata/models.ts'
import { canRead, requireOwnership } from '../policies.ts'
import type { Registry } from '../registry.ts'

export async function getModel(registry: Registry, actor: Actor, id: string): Promise<Model> {
  return await getReadableModel(registry.db.read, actor, id)
}

/** A model that the actor may see: one of its team, or a public one. Throws `not_found`. */
export async function getReadableModel(db: Queryable, actor: Actor, id: string): Promise<Model> {
  const model = await findModel(db, id)
  if (!model || !canRead(actor, model)) throw notFound('model', id)
  return model
}

/** A model of the actor's own team, for changing it. Throws `not_found`, or `permission_denied` for another team's public one. */
export async function getOwnModel(db: Queryable, actor: Actor, id: string): Promise<Model> {
  return requireOwnership(actor, 'model', id, await findModel(db, id))
}
