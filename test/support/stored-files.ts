import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The files that hold blobs below a data directory or a backup, sorted by id. */
export async function storedFiles(directory: string): Promise<string[]> {
  const entries = await readdir(join(directory, 'blobs'), { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile() && entry.name !== 'instance')
  return files.map(entry => join(entry.parentPath, entry.name)).sort()
}
