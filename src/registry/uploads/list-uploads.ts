import type { Actor } from '../../domain/actor.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import { requirePermission } from '../../domain/permissions.ts'
import type { PartedUpload } from '../../domain/upload.ts'
import { listPartedUploads } from '../../metadata/uploads.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'
import { getOwnVersion, type VersionRef } from '../versions/get-version.ts'

/** The uploads in parts into a version that have not come to their end, newest first unless asked otherwise. */
export async function listUploads(
  registry: Registry,
  actor: Actor,
  request: VersionRef & PageRequest,
): Promise<Page<PartedUpload>> {
  requirePermission(actor, 'file.put')
  const { version } = await getOwnVersion(registry.db.read, actor, request)
  return await pageBySequence(registry, {
    scope: ['uploads', version.modelId, version.number],
    request,
    query: slice => listPartedUploads(registry.db.read, version, slice),
  })
}
