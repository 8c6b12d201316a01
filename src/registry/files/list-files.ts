import type { Actor } from '../../domain/actor.ts'
import type { StoredFile } from '../../domain/file.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import * as files from '../../metadata/files.ts'
import { pageByText } from '../paging.ts'
import type { Registry } from '../registry.ts'
import { getReadableVersion, type VersionRef } from '../versions/get-version.ts'

/** The files of a version, sorted by path. */
export async function listFiles(
  registry: Registry,
  actor: Actor,
  request: VersionRef & PageRequest,
): Promise<Page<StoredFile>> {
  const { version } = await getReadableVersion(registry.db.read, actor, request)
  return await pageByText(registry, {
    scope: ['files', version.modelId, version.number],
    request,
    query: slice => files.listFiles(registry.db.read, version, slice),
  })
}
