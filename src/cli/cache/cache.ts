/**
 * Files that were pulled on this machine, by their sha256, for all who pull the same bytes:
 *
 *     sha256/ab/abcd…   the bytes; the time of the last change is that of the last use
 *     locks/abcd….lock  held by the one process that fetches them
 *
 * What is in it is never trusted: each copy is hashed. So it does not matter who else can write there.
 */
import { lstat, rm, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Connection } from '../../client/client.ts'
import { downloadFile, type FileDownload } from '../../client/download-file.ts'
import { usageError } from '../errors.ts'
import { waitForLock } from '../file-lock.ts'
import { findOwnFolder } from '../homes.ts'
import type { Io } from '../io.ts'
import { makeDirectories } from '../make-directories.ts'
import { copyVerified } from './copy-verified.ts'

export interface Cache {
  directory: string
  /** Called once when this process waits for another that fetches the same file. */
  onWait?: (path: string) => void
}

/** Where the cache is when only "a cache" was asked for. Throws a `CliError` where this user has no home. */
export function defaultCacheDir(env: Io['env']): string {
  const folder = env['HOLOTYPE_CACHE_DIR']?.trim() || findOwnFolder(env, 'cache')
  if (folder) return folder
  throw usageError('there is no home directory to keep a cache in', 'Say where: --cache=<dir>, or HOLOTYPE_CACHE_DIR.')
}

function cachedFile({ directory }: Cache, sha256: string): string {
  return join(directory, 'sha256', sha256.slice(0, 2), sha256)
}

/** Fetches a file through the cache: at most one process of the machine downloads it. Resolves to whether it was there already. */
export async function fetchCached(
  cache: Cache,
  connection: Connection,
  download: FileDownload & { signal: AbortSignal },
): Promise<boolean> {
  if (await takeFromCache(cache, download)) return true
  const file = cachedFile(cache, download.sha256)
  const locks = join(cache.directory, 'locks')
  await makeDirectories(dirname(file))
  await makeDirectories(locks)
  const { signal, path, onProgress, sha256 } = download
  await using _lock = await waitForLock(join(locks, `${sha256}.lock`), {
    signal,
    onWait: () => cache.onWait?.(path),
  })
  // Whoever held the lock before has fetched it.
  if (await takeFromCache(cache, download)) return true
  await downloadFile(connection, { ...download, file })
  const { onProgress: _shown, ...quiet } = download
  if (await takeFromCache(cache, quiet)) return false
  // Somebody has changed it in between: the bytes still have to come from the registry.
  onProgress?.(-download.size)
  await downloadFile(connection, download)
  return false
}

/** Resolves to false when it is not there, or no longer what it should be: then it is removed. */
async function takeFromCache(cache: Cache, download: FileDownload & { signal: AbortSignal }): Promise<boolean> {
  const { file: to, sha256, size, onProgress, signal } = download
  const from = cachedFile(cache, sha256)
  const info = await lstat(from).catch(() => undefined)
  if (!info) return false
  const isLikely = info.isFile() && info.size === size
  if (isLikely && (await copyVerified({ from, to, sha256, onProgress, signal }))) {
    const now = new Date()
    await utimes(from, now, now).catch(() => {})
    return true
  }
  if (isLikely) onProgress?.(-size)
  await rm(from, { force: true })
  return false
}
