import type { Actor } from '../../domain/actor.ts'
import { conflict, notFound, type RegistryError } from '../../domain/errors.ts'
import { requirePermission } from '../../domain/permissions.ts'
import type { PartedUpload } from '../../domain/upload.ts'
import type { Reader } from '../../metadata/database.ts'
import { findPartedUpload } from '../../metadata/uploads.ts'
import type { Registry } from '../registry.ts'
import { getOwnVersion, type VersionRef } from '../versions/get-version.ts'

export interface UploadRef extends VersionRef {
  uploadId: string
}

/** An upload in parts into a version of the actor's team, for a day after its end too. Throws `not_found`. */
export async function getUpload(registry: Registry, actor: Actor, ref: UploadRef): Promise<PartedUpload> {
  requirePermission(actor, 'file.put')
  return await getOwnUpload(registry.db.read, actor, ref)
}

export async function getOwnUpload(db: Reader, actor: Actor, ref: UploadRef): Promise<PartedUpload> {
  const { version } = await getOwnVersion(db, actor, ref)
  const upload = await findPartedUpload(db, ref.uploadId)
  if (!upload || upload.modelId !== version.modelId || upload.version !== version.number) {
    throw notFound('upload', ref.uploadId)
  }
  return upload
}

/** Throws `conflict` unless parts may be sent. */
export function requireOpen(upload: PartedUpload): PartedUpload {
  if (upload.state === 'open') return upload
  throw notOpen(upload)
}

function notOpen({ id, state, problem }: PartedUpload): RegistryError {
  const reasons = {
    open: '',
    verifying: 'all its parts have been received, and they are being verified',
    complete: 'it is complete',
    failed: `it has failed: ${problem}`,
  }
  return conflict(`the upload "${id}" takes no more parts: ${reasons[state]}`, { kind: 'upload', id })
}
