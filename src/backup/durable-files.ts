/** Files that a backup is made of, written so that they survive a power cut. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigError } from '../config.ts'
import { explainPathError, requireAccess } from '../data-dir/explain.ts'
import { secretKeyFile } from '../data-dir.ts'

/** Makes the bytes of a file, or the names in a directory, durable. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Appears whole or not at all. */
export async function writeDurably(path: string, content: string): Promise<void> {
  const partial = `${path}.partial`
  await writeFile(partial, content, { mode: 0o600 })
  await sync(partial)
  await moveDurably(partial, path)
}

export async function moveDurably(from: string, to: string): Promise<void> {
  await rename(from, to)
  await sync(dirname(to))
}

/** The key that seals secrets goes with the rows that hold them, where it is a file. */
export async function copySecretKey(from: string, to: string): Promise<void> {
  const key = await readFile(secretKeyFile(from), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (key !== undefined) await writeDurably(secretKeyFile(to), key)
}

/** In lower-case hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

/** Throws unless the directory is empty or absent. */
export async function requireEmpty(directory: string): Promise<void> {
  await requireAccess(directory, 'directory')
  const names = await readdir(directory).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw await explainPathError(error, directory, 'directory')
  })
  // Each new ext4 file system has the one that is left out.
  if (names.some(name => name !== 'lost+found'))
    throw new ConfigError(`${directory} is not empty; a backup needs a directory of its own`)
}
