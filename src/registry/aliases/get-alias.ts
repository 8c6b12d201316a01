import type { Actor } from '../../domain/actor.ts'
import type { Alias } from '../../domain/alias.ts'
import { LATEST } from '../../domain/alias.ts'
import { notFound, quote } from '../../domain/errors.ts'
import type { Model } from '../../domain/model.ts'
import { findAlias } from '../../metadata/aliases.ts'
import type { Reader } from '../../metadata/database.ts'
import { findLatestVersion } from '../../metadata/versions.ts'
import { getModel } from '../models/get-model.ts'
import type { Registry } from '../registry.ts'

export interface AliasRef {
  modelId: string
  alias: string
}

/** Where an alias points, `latest` included. Throws `not_found`. */
export async function getAlias(registry: Registry, actor: Actor, { modelId, alias }: AliasRef): Promise<Alias> {
  const model = await getModel(registry, actor, modelId)
  if (alias === LATEST) return await computeLatest(registry.db.read, model)
  return await getAliasOf(registry.db.read, model, alias)
}

export async function getAliasOf(db: Reader, model: Model, name: string): Promise<Alias> {
  return (await findAlias(db, model.id, name)) ?? throwNotFound(model, name)
}

async function computeLatest(db: Reader, model: Model): Promise<Alias> {
  const version = (await findLatestVersion(db, model.id)) ?? throwNotFound(model, LATEST)
  const at = version.committedAt ?? version.createdAt
  const { modelId, number, userId } = version
  return { modelId, name: LATEST, number, userId, createdAt: at, modifiedAt: at }
}

function throwNotFound(model: Model, name: string): never {
  throw notFound('alias', name, `model "${model.id}" has no alias ${quote(name)}`)
}
