import type { Queryable } from '../../metadata/database.ts'
import { listFiles } from '../../metadata/files.ts'
import { findVersion, markVersionCommitted } from '../../metadata/versions.ts'
import type { Actor } from '../actor.ts'
import { RegistryError } from '../errors.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'
import { createVersionDigest } from './digest.ts'
import { getOwnVersion, type VersionRef } from './get-version.ts'
import type { Version } from './version.ts'

/**
 * Seals a version: from here on its files can never change, and its digest names them all. Sealing a sealed version changes nothing, so
 * that a lost answer can be asked for again.
 */
export async function commitVersion(registry: Registry, actor: Actor, ref: VersionRef): Promise<Version> {
  requireRole(actor, 'writer')
  return await registry.db.transaction(async trx => {
    const { version } = await getOwnVersion(trx, actor, ref)
    if (version.committedAt !== null) return version
    const digest = await digestFiles(trx, version)
    const at = registry.clock.now()
    await markVersionCommitted(trx, version, at, digest)
    const { modelId, number } = version
    const details = { digest, fileCount: version.fileCount, usageBytes: version.usageBytes }
    await recordEvent(trx, actor, { kind: 'version.commit', at, modelId, version: number, details })
    const committed = await findVersion(trx, modelId, number)
    if (!committed) throw new Error(`version ${number} of ${modelId} vanished in its own transaction`)
    return committed
  })
}

async function digestFiles(trx: Queryable, version: Version): Promise<string> {
  const digest = createVersionDigest()
  let after: string | undefined
  do {
    const { items, next } = await listFiles(trx, version, { after, limit: 1000, order: 'asc' })
    for (const file of items) {
      if (file.blob.isDamaged) {
        throw new RegistryError('damaged', `the stored bytes of "${file.path}" are damaged; upload the file again`)
      }
      digest.add(file)
    }
    after = next
  } while (after !== undefined)
  return digest.finish()
}
