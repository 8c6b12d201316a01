import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export async function temporaryDirectory(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'holotype-backup-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** The files that hold blobs below a data directory or a backup, sorted by id. */
export async function blobFiles(directory: string): Promise<string[]> {
  const entries = await readdir(join(directory, 'blobs'), { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile() && entry.name.startsWith('bl'))
  return files.map(entry => join(entry.parentPath, entry.name)).sort()
}
