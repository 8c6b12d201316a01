import type { Actor } from '../../domain/actor.ts'
import { LATEST } from '../../domain/alias.ts'
import { quote, RegistryError } from '../../domain/errors.ts'
import type { Model } from '../../domain/model.ts'
import type { Version } from '../../domain/version.ts'
import type { Queryable } from '../../metadata/database.ts'
import { findLatestVersion, findVersion, findVersionByAlias } from '../../metadata/versions.ts'
import { getOwnModel, getReadableModel } from '../models/get-model.ts'
import type { Registry } from '../registry.ts'

/** Names a version: `ref` is its number, an alias, or `latest`. */
export interface VersionRef {
  modelId: string
  ref: string
}

export async function getVersion(registry: Registry, actor: Actor, { modelId, ref }: VersionRef): Promise<Version> {
  const { version } = await getReadableVersion(registry.db.read, actor, { modelId, ref })
  return version
}

/** A version that the actor may see. Another team's drafts are not: only what was committed is published. */
export async function getReadableVersion(
  db: Queryable,
  actor: Actor,
  { modelId, ref }: VersionRef,
): Promise<{ model: Model; version: Version }> {
  const model = await getReadableModel(db, actor, modelId)
  const version = await resolveVersion(db, model, ref)
  if (version.committedAt === null && model.teamId !== actor.teamId) throw versionNotFound(model, ref)
  return { model, version }
}

/** A version of the actor's own team, for changing it. */
export async function getOwnVersion(
  db: Queryable,
  actor: Actor,
  { modelId, ref }: VersionRef,
): Promise<{ model: Model; version: Version }> {
  const model = await getOwnModel(db, actor, modelId)
  return { model, version: await resolveVersion(db, model, ref) }
}

async function resolveVersion(db: Queryable, model: Model, ref: string): Promise<Version> {
  const version = await findByRef(db, model.id, ref)
  if (!version) throw versionNotFound(model, ref)
  return version
}

async function findByRef(db: Queryable, modelId: string, ref: string): Promise<Version | undefined> {
  if (/^[1-9]\d{0,14}$/.test(ref)) return await findVersion(db, modelId, Number(ref))
  if (ref === LATEST) return await findLatestVersion(db, modelId)
  return await findVersionByAlias(db, modelId, ref)
}

function versionNotFound(model: Model, ref: string): RegistryError {
  if (ref === LATEST) return new RegistryError('not_found', `model "${model.id}" has no committed version yet`)
  const what = /^\d+$/.test(ref) ? 'version' : 'version or alias'
  return new RegistryError('not_found', `model "${model.id}" has no ${what} ${quote(ref)}`)
}
