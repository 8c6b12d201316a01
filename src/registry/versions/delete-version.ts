import type { Actor } from '../../domain/actor.ts'
import { conflict } from '../../domain/errors.ts'
import type { Version } from '../../domain/version.ts'
import { findAliasOfVersion } from '../../metadata/aliases.ts'
import { enqueueJob } from '../../metadata/jobs.ts'
import { markVersionDeleted } from '../../metadata/versions.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'
import { getOwnVersion, type VersionRef } from './get-version.ts'

/**
 * Deletes a version with its files; a job reclaims rows and bytes. Throws `conflict` while an alias points at it: what is in production
 * must not vanish by accident.
 */
export async function deleteVersion(registry: Registry, actor: Actor, ref: VersionRef): Promise<Version> {
  requireRole(actor, 'writer')
  const deleted = await registry.db.transaction(async trx => {
    const { version } = await getOwnVersion(trx, actor, ref)
    const { modelId, number, digest } = version
    const alias = await findAliasOfVersion(trx, modelId, number)
    if (alias !== undefined) {
      throw conflict(`the alias "${alias}" points at version ${number}; move or delete the alias first`)
    }
    const at = registry.clock.now()
    await markVersionDeleted(trx, modelId, number, at)
    await recordEvent(trx, actor, { kind: 'version.delete', at, modelId, version: number, details: { digest } })
    await enqueueJob(trx, { kind: 'reclaim-version', subject: `${modelId}/${number}`, runAt: at, createdAt: at })
    return version
  })
  registry.wakeJobs()
  return deleted
}
