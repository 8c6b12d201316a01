import type { Actor } from '../../domain/actor.ts'
import { createVersionDigest } from '../../domain/digest.ts'
import { RegistryError } from '../../domain/errors.ts'
import type { Version } from '../../domain/version.ts'
import type { Queryable } from '../../metadata/database.ts'
import { listFiles } from '../../metadata/files.ts'
import { markVersionCommitted } from '../../metadata/versions.ts'
import { recordEvent } from '../events/record-event.ts'

/**
 * Seals a version inside its transaction: from here on its files can never change, and its digest names them all. Sealing a sealed
 * version changes nothing, so that a lost answer can be asked for again.
 */
export async function sealVersion(
  trx: Queryable,
  actor: Actor,
  { version, at }: { version: Version; at: number },
): Promise<Version> {
  if (version.committedAt !== null) return version
  const digest = await digestFiles(trx, version)
  await markVersionCommitted(trx, version, at, digest)
  const { modelId, number, fileCount, usageBytes } = version
  const details = { digest, fileCount, usageBytes }
  await recordEvent(trx, actor, { kind: 'version.commit', at, modelId, version: number, details })
  return { ...version, digest, committedAt: at, modifiedAt: at }
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
