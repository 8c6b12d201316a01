import { setImmediate } from 'node:timers/promises'
import type { StoredFile } from '../../domain/file.ts'
import type { Rows, Slice } from '../../domain/paging.ts'
import type { Version } from '../../domain/version.ts'
import { type FileSize, listFileSizes, listFiles } from '../../metadata/files.ts'
import type { Registry } from '../registry.ts'

/** Files per turn of the event loop: a few milliseconds. */
const PAGE = 500

/** All files of a version sorted by path, read a page at a time. For a committed version the list can't change on the way. */
export function iterateFiles({ db }: Registry, version: Version): AsyncGenerator<StoredFile> {
  return iteratePages(slice => listFiles(db.read, version, slice))
}

/** The same with nothing but paths and sizes, page by page: it costs a fraction. */
export async function* iterateFileSizes({ db }: Registry, version: Version): AsyncGenerator<FileSize> {
  yield* iteratePages(slice => listFileSizes(db.read, version, slice))
}

async function* iteratePages<T>(list: (slice: Slice<string>) => Promise<Rows<T, string>>): AsyncGenerator<T> {
  let after: string | undefined
  do {
    const { items, next } = await list({ after, limit: PAGE, order: 'asc' })
    yield* items
    after = next
    // SQLite answers without leaving the turn: others go first.
    if (after !== undefined) await setImmediate()
  } while (after !== undefined)
}
