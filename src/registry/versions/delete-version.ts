import type { Actor } from '../../domain/actor.ts'
import { conflict } from '../../domain/errors.ts'
import { aboutVersion, type Version } from '../../domain/version.ts'
import { findAliasOfVersion } from '../../metadata/aliases.ts'
import { expireUploadsOf } from '../../metadata/uploads.ts'
import { deleteVersionTags } from '../../metadata/version-tags.ts'
import { markVersionDeleted } from '../../metadata/versions.ts'
import { change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { lockOwnVersion, type VersionRef } from './get-version.ts'

/**
 * Deletes a version with its files; a job reclaims rows and bytes. Throws `conflict` while an alias points at it: what is in production
 * must not vanish by accident.
 */
export async function deleteVersion(registry: Registry, actor: Actor, ref: VersionRef): Promise<Version> {
  return await change(registry, actor, 'version.delete', async ({ trx, at, record, queue }) => {
    const version = await lockOwnVersion(trx, actor, ref)
    const { modelId, number, digest } = version
    const alias = await findAliasOfVersion(trx, modelId, number)
    if (alias !== undefined) {
      throw conflict(`the alias "${alias}" points at version ${number}; move or delete the alias first`, {
        kind: 'alias',
        id: alias,
      })
    }
    await markVersionDeleted(trx, modelId, number, at)
    await expireUploadsOf(trx, modelId, number, at)
    await deleteVersionTags(trx, modelId, number)
    record({ kind: 'version.delete', ...aboutVersion(version), details: { digest } })
    queue({ kind: 'reclaim-version', key: `${modelId}/${number}`, payload: { modelId, number } })
    return version
  })
}
