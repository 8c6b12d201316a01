import type { Actor } from '../../domain/actor.ts'
import { LATEST } from '../../domain/alias.ts'
import { notFound, quote, type RegistryError } from '../../domain/errors.ts'
import type { Model } from '../../domain/model.ts'
import { isOwnTeam } from '../../domain/permissions.ts'
import { requireDraft, type Version } from '../../domain/version.ts'
import type { Reader, Transaction } from '../../metadata/database.ts'
import { findLatestVersion, findVersion, findVersionByAlias } from '../../metadata/versions.ts'
import { getOwnModel, getReadableModel, lockOwnModel } from '../models/get-model.ts'
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
  db: Reader,
  actor: Actor,
  { modelId, ref }: VersionRef,
): Promise<{ model: Model; version: Version }> {
  const model = await getReadableModel(db, actor, modelId)
  const version = await getVersionOf(db, model, ref)
  if (version.committedAt === null && !isOwnTeam(actor, model.teamId)) throw versionNotFound(model, ref)
  return { model, version }
}

/** A version of the actor's own team. */
export async function getOwnVersion(
  db: Reader,
  actor: Actor,
  { modelId, ref }: VersionRef,
): Promise<{ model: Model; version: Version }> {
  const model = await getOwnModel(db, actor, modelId)
  return { model, version: await getVersionOf(db, model, ref) }
}

/**
 * The same for changing it: until the end of the transaction no other change of the model, its versions, their files or its aliases runs. What
 * the version says is read after the lock is held: it may have changed while another transaction held it.
 */
export async function lockOwnVersion(trx: Transaction, actor: Actor, { modelId, ref }: VersionRef): Promise<Version> {
  return await getVersionOf(trx, await lockOwnModel(trx, actor, modelId), ref)
}

/** The same for changing its files. */
export async function lockOwnDraft(trx: Transaction, actor: Actor, ref: VersionRef): Promise<Version> {
  return requireDraft(await lockOwnVersion(trx, actor, ref))
}

/** Throws `not_found`. */
export async function getVersionOf(db: Reader, model: Model, ref: string): Promise<Version> {
  const version = await findByRef(db, model.id, ref)
  if (!version) throw versionNotFound(model, ref)
  return version
}

async function findByRef(db: Reader, modelId: string, ref: string): Promise<Version | undefined> {
  if (/^[1-9]\d{0,14}$/.test(ref)) return await findVersion(db, modelId, Number(ref))
  if (ref === LATEST) return await findLatestVersion(db, modelId)
  return await findVersionByAlias(db, modelId, ref)
}

function versionNotFound(model: Model, ref: string): RegistryError {
  if (ref === LATEST) return notFound('version', ref, `model "${model.id}" has no committed version yet`)
  const what = /^\d+$/.test(ref) ? 'version' : 'version or alias'
  return notFound('version', ref, `model "${model.id}" has no ${what} ${quote(ref)}`)
}
