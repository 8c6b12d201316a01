import type { Actor } from '../../domain/actor.ts'
import { conflict } from '../../domain/errors.ts'
import { requireNotes, type Version, type VersionNotes } from '../../domain/version.ts'
import type { Queryable } from '../../metadata/database.ts'
import { updateVersionNotes } from '../../metadata/versions.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'
import { sealVersion } from './commit-version.ts'
import { getOwnVersion, type VersionRef } from './get-version.ts'

export interface VersionUpdate extends VersionRef {
  /** What is left out stays as it is. */
  notes: VersionNotes
  /** True seals the version. False is refused for a sealed one: there is no way back. */
  isCommitted?: boolean | undefined
}

/** Changes what people wrote about a version, committed or not, and seals it if asked to: both or neither. Never changes its files. */
export async function updateVersion(registry: Registry, actor: Actor, input: VersionUpdate): Promise<Version> {
  requireRole(actor, 'writer')
  const notes = requireNotes(input.notes)
  return await registry.db.transaction(async trx => {
    const { version: before } = await getOwnVersion(trx, actor, input)
    if (input.isCommitted === false && before.committedAt !== null) {
      throw conflict(`version ${before.number} is committed, and a commit can't be undone; create a new version`)
    }
    const at = registry.clock.now()
    const version = await changeNotes(trx, actor, { before, notes, at })
    return input.isCommitted === true ? await sealVersion(trx, actor, { version, at }) : version
  })
}

async function changeNotes(
  trx: Queryable,
  actor: Actor,
  { before, notes, at }: { before: Version; notes: VersionNotes; at: number },
): Promise<Version> {
  const changed = (['message', 'metadata', 'tags'] as const).filter(key => notes[key] !== undefined)
  if (changed.length === 0) return before
  const { message = before.message, metadata = before.metadata, tags = before.tags } = notes
  const version = { ...before, message, metadata, tags, modifiedAt: at }
  await updateVersionNotes(trx, version)
  const { modelId, number } = version
  await recordEvent(trx, actor, { kind: 'version.update', at, modelId, version: number, details: { changed } })
  return version
}
