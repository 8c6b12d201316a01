import type { Actor } from '../../domain/actor.ts'
import { notFound } from '../../domain/errors.ts'
import { type Model, nameTaken } from '../../domain/model.ts'
import { canRead, requireOwnership } from '../../domain/permissions.ts'
import type { Reader, Transaction } from '../../metadata/database.ts'
import { findModel, findNameOwner, lockModel } from '../../metadata/models.ts'
import type { Registry } from '../registry.ts'

/** A model that the actor may see: one of its team, or a public one. Throws `not_found`. */
export async function getModel(registry: Registry, actor: Actor, id: string): Promise<Model> {
  return await getReadableModel(registry.db.read, actor, id)
}

export async function getReadableModel(db: Reader, actor: Actor, id: string): Promise<Model> {
  const model = await findModel(db, id)
  if (!model || !canRead(actor, model)) throw notFound('model', id)
  return model
}

/** A model of the actor's own team. Throws `not_found`, or `permission_denied` for another team's public one. */
export async function getOwnModel(db: Reader, actor: Actor, id: string): Promise<Model> {
  return requireOwnership(actor, 'model', id, await findModel(db, id))
}

/** The same for changing the model, its versions, their files or its aliases: no other such change runs until the end of the transaction. */
export async function lockOwnModel(trx: Transaction, actor: Actor, id: string): Promise<Model> {
  return requireOwnership(actor, 'model', id, await lockModel(trx, id))
}

/** Throws `already_exists` when a name belongs to a model of the team. */
export async function requireFreeName(trx: Transaction, teamId: string, name: string): Promise<void> {
  const owner = await findNameOwner(trx, teamId, name)
  if (owner !== undefined) throw nameTaken(name, owner)
}
