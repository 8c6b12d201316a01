import { updateVersionNotes } from '../../metadata/versions.ts'
import type { Actor } from '../actor.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'
import { getOwnVersion, type VersionRef } from './get-version.ts'
import { requireNotes, type Version, type VersionNotes } from './version.ts'

/** Changes what people wrote about a version, committed or not; never its files. What is left out stays as it is. */
export async function updateVersion(
  registry: Registry,
  actor: Actor,
  input: VersionRef & { notes: VersionNotes },
): Promise<Version> {
  requireRole(actor, 'writer')
  const notes = requireNotes(input.notes)
  return await registry.db.transaction(async trx => {
    const { version: before } = await getOwnVersion(trx, actor, input)
    const at = registry.clock.now()
    const { message = before.message, metadata = before.metadata, tags = before.tags } = notes
    const version = { ...before, message, metadata, tags, modifiedAt: at }
    await updateVersionNotes(trx, version)
    const changed = Object.keys(notes).filter(key => notes[key as keyof VersionNotes] !== undefined)
    const { modelId, number } = version
    await recordEvent(trx, actor, { kind: 'version.update', at, modelId, version: number, details: { changed } })
    return version
  })
}
