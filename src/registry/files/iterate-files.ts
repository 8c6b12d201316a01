import type { StoredFile } from '../../domain/file.ts'
import type { Version } from '../../domain/version.ts'
import { listFiles } from '../../metadata/files.ts'
import type { Registry } from '../registry.ts'

/** All files of a version sorted by path, read a page at a time. For a committed version the list can't change on the way. */
export async function* iterateFiles(registry: Registry, version: Version): AsyncGenerator<StoredFile> {
  let after: string | undefined
  do {
    const { items, next } = await listFiles(registry.db.read, version, { after, limit: 500, order: 'asc' })
    yield* items
    after = next
  } while (after !== undefined)
}
