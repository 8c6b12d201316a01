import type { Actor } from '../../domain/actor.ts'
import { conflict, quote } from '../../domain/errors.ts'
import { requirePermission } from '../../domain/permissions.ts'
import { aboutVersion, requireNotes, type Version, type VersionNotes } from '../../domain/version.ts'
import type { Transaction } from '../../metadata/database.ts'
import { listPartedUploads } from '../../metadata/uploads.ts'
import { updateVersionNotes } from '../../metadata/versions.ts'
import { type Change, change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { commitVersion, digestDraft, stillChanging } from './commit-version.ts'
import { getOwnVersion, lockOwnVersion, type VersionRef } from './get-version.ts'

export interface VersionUpdate extends VersionRef {
  /** What is left out stays as it is. */
  notes: VersionNotes
  /** True commits the version. False is refused for a committed one: there is no way back. */
  commit?: boolean | undefined
}

/** How often a draft that changes meanwhile is hashed anew. */
const COMMIT_ATTEMPTS = 5

/** Changes what people wrote about a version, committed or not, and commits it if asked to: both or neither. Never changes its files. */
export async function updateVersion(registry: Registry, actor: Actor, input: VersionUpdate): Promise<Version> {
  requirePermission(actor, 'version.update')
  const notes = requireNotes(input.notes)
  for (let attempt = 1; ; attempt++) {
    const { version: seen } = await getOwnVersion(registry.db.read, actor, input)
    const digest = input.commit === true && seen.committedAt === null ? await digestDraft(registry, seen) : undefined
    const updated = await change(registry, actor, 'version.update', async step => {
      const before = await lockOwnVersion(step.trx, actor, input)
      return await applyUpdate(step, before, { seen, notes, commit: input.commit, digest })
    })
    if (updated) return updated
    if (attempt === COMMIT_ATTEMPTS) throw stillChanging(seen)
  }
}

interface Update {
  /** The version as it was when its files were hashed. */
  seen: Version
  notes: VersionNotes
  commit: boolean | undefined
  digest: string | undefined
}

/** @returns undefined, with nothing changed, when the files to be committed are not those that were hashed. */
async function applyUpdate(
  step: Change,
  before: Version,
  { seen, notes, commit, digest }: Update,
): Promise<Version | undefined> {
  if (commit === false && before.committedAt !== null) {
    throw conflict(`version ${before.number} is committed, and a commit can't be undone; create a new version`, {
      kind: 'version',
      id: String(before.number),
    })
  }
  const needsCommit = commit === true && before.committedAt === null
  if (needsCommit && (digest === undefined || before.number !== seen.number || before.revision !== seen.revision)) {
    return undefined
  }
  if (needsCommit) await refuseWhileArriving(step.trx, before)
  const version = await changeNotes(step, before, notes)
  return needsCommit && digest !== undefined ? await commitVersion(step, version, digest) : version
}

/** More of them would only make a long sentence. */
const SHOWN = 10

/** Files that are still being sent in parts would silently be missing from the version. */
async function refuseWhileArriving(trx: Transaction, version: Version): Promise<void> {
  const { items } = await listPartedUploads(trx, version, { after: undefined, limit: SHOWN, order: 'asc' })
  if (items.length === 0) return
  const names = items.map(({ id, path }) => `${id} (${quote(path)})`).join(', ')
  throw conflict(
    `version ${version.number} has uploads that are not complete: ${names}; complete or delete them, then commit`,
    { kind: 'version', id: String(version.number) },
  )
}

async function changeNotes({ trx, at, record }: Change, before: Version, notes: VersionNotes): Promise<Version> {
  const changed = (['message', 'metadata', 'tags'] as const).filter(key => notes[key] !== undefined)
  if (changed.length === 0) return before
  const { message = before.message, metadata = before.metadata, tags = before.tags } = notes
  const version = { ...before, message, metadata, tags, modifiedAt: at }
  await updateVersionNotes(trx, version)
  record({ kind: 'version.update', ...aboutVersion(version), details: { changed } })
  return version
}
