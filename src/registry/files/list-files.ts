import { listFiles as listRows } from '../../metadata/files.ts'
import type { Actor } from '../actor.ts'
import { type Page, type PageRequest, pageByText } from '../paging.ts'
import type { Registry } from '../registry.ts'
import { getReadableVersion, type VersionRef } from '../versions/get-version.ts'
import type { StoredFile } from './file.ts'

/** The files of a version, sorted by path. */
export async function listFiles(
  registry: Registry,
  actor: Actor,
  request: VersionRef & PageRequest,
): Promise<Page<StoredFile>> {
  const { version } = await getReadableVersion(registry.db.read, actor, request)
  return await pageByText(request, slice => listRows(registry.db.read, version, slice))
}
