import { setImmediate } from 'node:timers/promises'
import type { Actor } from '../../domain/actor.ts'
import { conflict, notFound, type RegistryError } from '../../domain/errors.ts'
import type { StoredFile } from '../../domain/file.ts'
import { requirePermission } from '../../domain/permissions.ts'
import type { Version, VersionNotes } from '../../domain/version.ts'
import { lockBlobs, markBlobsReferenced } from '../../metadata/blobs.ts'
import type { Transaction } from '../../metadata/database.ts'
import { findLastPath, insertFiles, listFiles } from '../../metadata/files.ts'
import { countDraftChange } from '../../metadata/versions.ts'
import { type Change, change } from '../change.ts'
import { getOwnModel } from '../models/get-model.ts'
import type { Registry } from '../registry.ts'
import { getStorageProviderOf } from '../storage-providers/get-storage-provider.ts'
import { createVersion } from './create-version.ts'
import { deleteVersion } from './delete-version.ts'
import { getOwnVersion, getReadableVersion, lockOwnDraft, type VersionRef } from './get-version.ts'

export interface VersionCopy {
  modelId: string
  notes: VersionNotes
  /** A committed version that the actor may read. */
  source: VersionRef
}

/** Files per transaction: few enough that others hardly wait. */
const BATCH = 300

/**
 * Opens a draft that has the files of another version: they refer to the same bytes, so none are moved. That is possible within a team and
 * a storage provider. A repeated request goes on where the first one was stopped. Throws `not_found`, and `conflict` when the source is a
 * draft or its bytes are elsewhere, or when somebody changes the new draft meanwhile.
 */
export async function copyVersion(
  registry: Registry,
  actor: Actor,
  { modelId, notes, source }: VersionCopy,
): Promise<Version> {
  requirePermission(actor, 'version.create')
  requirePermission(actor, 'file.put')
  const from = await getSource(registry, actor, { modelId, source })
  const draft = await createVersion(registry, actor, { modelId, notes, source: from })
  // The key of the request stands for the draft alone; each further step is safe to repeat by itself.
  const filler = withoutIdempotency(actor)
  try {
    return await fillDraft(registry, filler, { from, draft })
  } catch (error) {
    // A draft with a part of the files could be taken for the whole. Where the key was revoked it stays, for others to see and delete.
    await deleteVersion(registry, filler, toRef(draft)).catch(() => {})
    throw error
  }
}

async function getSource(
  registry: Registry,
  actor: Actor,
  { modelId, source }: Pick<VersionCopy, 'modelId' | 'source'>,
): Promise<Version> {
  const { read } = registry.db
  const target = await getOwnModel(read, actor, modelId)
  const { model, version } = await getReadableVersion(read, actor, source)
  const subject = { kind: 'version', id: String(version.number) } as const
  if (version.committedAt === null) throw conflict(`version ${version.number} is a draft; commit it first`, subject)
  if (model.teamId === target.teamId) return version
  throw conflict(
    `the bytes of model "${model.id}" are another team's; pull the version and push it into your own model`,
    subject,
  )
}

function withoutIdempotency(actor: Actor): Actor {
  if (actor.kind !== 'key') return actor
  return { ...actor, request: { ...actor.request, idempotency: undefined } }
}

async function fillDraft(
  registry: Registry,
  actor: Actor,
  { from, draft }: { from: Version; draft: Version },
): Promise<Version> {
  const { model, version: begun } = await getOwnVersion(registry.db.read, actor, toRef(draft))
  const { id: storageProviderId } = await getStorageProviderOf(registry.db.read, model)
  // More than none when this is a repeated request.
  let copied = begun.fileCount
  let after = copied > 0 ? await findLastPath(registry.db.read, draft) : undefined
  for (;;) {
    const slice = { after, limit: BATCH, order: 'asc' } as const
    const { items, next } = await listFiles(registry.db.read, from, slice)
    if (items.length > 0) {
      requireSameProvider(items, storageProviderId)
      await change(registry, actor, 'file.put', step => addFiles(step, { from, draft, copied, files: items }))
      copied += items.length
    }
    if (next === undefined) break
    after = next
    // SQLite answers without leaving the turn: others go first.
    await setImmediate()
  }
  const { version } = await getOwnVersion(registry.db.read, actor, toRef(draft))
  if (version.fileCount !== from.fileCount || version.usageBytes !== from.usageBytes) throw changedMeanwhile(draft)
  return version
}

function requireSameProvider(files: readonly StoredFile[], storageProviderId: string): void {
  const elsewhere = files.find(file => file.blob.storageProviderId !== storageProviderId)
  if (!elsewhere) return
  throw conflict(
    `the bytes of "${elsewhere.path}" are in another storage provider than the model's; pull the version and push it`,
    { kind: 'file', id: elsewhere.path },
  )
}

async function addFiles(
  { trx, actor, at }: Change,
  { from, draft, copied, files }: { from: Version; draft: Version; copied: number; files: StoredFile[] },
): Promise<void> {
  const version = await lockOwnDraft(trx, actor, toRef(draft))
  // Nobody else has put a file there or taken one away, so no path can clash.
  if (version.fileCount !== copied) throw changedMeanwhile(draft)
  await getReadableVersion(trx, actor, toRef(from))
  await referToBlobs(trx, from, files)
  const rows = files.map(({ path, contentType, blob }) => ({ path, contentType, blobId: blob.id, createdAt: at }))
  await insertFiles(trx, draft, rows)
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  await countDraftChange(trx, draft, { files: files.length, bytes, at })
}

/** From here on they can't be reclaimed. When one has just been, the source was deleted long ago. */
async function referToBlobs(trx: Transaction, from: Version, files: readonly StoredFile[]): Promise<void> {
  const ids = [...new Set(files.map(file => file.blob.id))]
  await lockBlobs(trx, ids)
  if ((await markBlobsReferenced(trx, ids)) !== ids.length) throw notFound('version', String(from.number))
}

function changedMeanwhile({ number }: Version): RegistryError {
  return conflict(`files of version ${number} were changed while it was being filled; copy again`, {
    kind: 'version',
    id: String(number),
  })
}

function toRef({ modelId, number }: Version): VersionRef {
  return { modelId, ref: String(number) }
}
