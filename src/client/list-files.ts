import { type Client, dataOf, type StoredFile, type Version } from './client.ts'
import { IntegrityError } from './errors.ts'
import { walkPages } from './walk-pages.ts'

/** What is known of a file when its version is listed. */
export type ListedFile = Pick<StoredFile, 'path' | 'size' | 'sha256'>

export interface ListedVersion extends Pick<Version, 'modelId' | 'version'> {
  /** How many files the version has, when it can't change any more. */
  fileCount?: number | undefined
}

/** Nobody lists more than these in one go. */
const FILES_MAX = 1_000_000
/** In characters, of all paths together: what is listed has to fit into memory. */
const PATHS_MAX = 128 * 1024 * 1024

/**
 * All files of a version, page by page. Throws an `IntegrityError` when there are more than were announced, or when the pages don't come to
 * an end.
 */
export async function* listAllFiles(
  client: Client,
  { modelId: id, version, fileCount }: ListedVersion,
): AsyncGenerator<ListedFile> {
  const max = Math.min(fileCount ?? FILES_MAX, FILES_MAX)
  const fetchPage = (after: string | undefined) => {
    const query = { limit: 120, ...(after !== undefined && { after }) }
    return dataOf(client.GET('/v1/models/{id}/versions/{version}/files', { params: { path: { id, version }, query } }))
  }
  let characters = 0
  for await (const { path, size, sha256 } of walkPages(fetchPage, { what: 'files', max })) {
    characters += path.length
    if (characters > PATHS_MAX) throw new IntegrityError('the registry lists more files than fit into memory')
    // Nothing else of a page is kept.
    yield { path, size, sha256 }
  }
}
