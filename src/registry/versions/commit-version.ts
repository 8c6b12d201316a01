import { setImmediate } from 'node:timers/promises'
import { createVersionDigest } from '../../domain/digest.ts'
import { conflict, RegistryError } from '../../domain/errors.ts'
import { aboutVersion, type Version } from '../../domain/version.ts'
import { listFiles } from '../../metadata/files.ts'
import { markVersionCommitted } from '../../metadata/versions.ts'
import type { Change } from '../change.ts'
import type { Registry } from '../registry.ts'

/**
 * Commits a version inside its transaction: from here on its files can never change, and its digest names them all. The digest was made
 * before, since hashing a long list must not hold a transaction open; the caller has made sure that the files are still the same.
 */
export async function commitVersion({ trx, at, record }: Change, version: Version, digest: string): Promise<Version> {
  await markVersionCommitted(trx, version, { committedAt: at, digest })
  const { fileCount, usageBytes } = version
  record({ kind: 'version.commit', ...aboutVersion(version), details: { digest, fileCount, usageBytes } })
  return { ...version, digest, committedAt: at, modifiedAt: at }
}

/** Files per turn of the event loop: some milliseconds of hashing. */
const PAGE = 1000

/** The digest of the files that a draft has now. Throws `damaged` when the bytes of a file are known to be damaged. */
export async function digestDraft(registry: Registry, version: Version): Promise<string> {
  const digest = createVersionDigest()
  let after: string | undefined
  do {
    const { items, next } = await listFiles(registry.db.read, version, { after, limit: PAGE, order: 'asc' })
    for (const file of items) {
      if (file.blob.isDamaged) {
        throw new RegistryError('damaged', `the stored bytes of "${file.path}" are damaged; upload the file again`, {
          subject: { kind: 'file', id: file.path },
        })
      }
      digest.add(file)
    }
    after = next
    // SQLite answers without leaving the turn: others go first.
    if (after !== undefined) await setImmediate()
  } while (after !== undefined)
  return digest.finish()
}

/** The draft changed each time between hashing its files and committing it. */
export function stillChanging(version: Version): RegistryError {
  return conflict(`files of version ${version.number} are still being changed; commit it when they are complete`, {
    kind: 'version',
    id: String(version.number),
  })
}
