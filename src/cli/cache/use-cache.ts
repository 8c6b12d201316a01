import { resolve } from 'node:path'
import type { Connection } from '../../client/client.ts'
import { downloadFile, type FileDownload } from '../../client/download-file.ts'
import { ApiError, ConnectionError, IntegrityError } from '../../client/errors.ts'
import type { Cli } from '../context.ts'
import { CliError } from '../errors.ts'
import { show } from '../show.ts'
import { type Cache, defaultCacheDir, fetchCached } from './cache.ts'

export interface CacheOptions {
  /** A directory; true for the usual one; false for none. */
  cache?: string | boolean
}

/** Undefined when this pull is to have none. */
export function findCache(cli: Cli, { cache }: CacheOptions): Cache | undefined {
  const { env } = cli.io
  const isWanted = cache === undefined ? Boolean(env['HOLOTYPE_CACHE_DIR']?.trim()) : cache !== false
  if (!isWanted) return undefined
  const directory = resolve(typeof cache === 'string' ? cache : defaultCacheDir(env))
  return {
    directory,
    onWait: path => cli.say(`Another pull is fetching "${show(path)}" into the cache; waiting for it.`),
  }
}

interface Fetch {
  cache: Cache | undefined
  connection: Connection
  download: FileDownload & { signal: AbortSignal }
}

/** Resolves to whether it was in the cache. One that can't be used is no reason to fail. */
export async function fetchFile(cli: Cli, { cache, connection, download }: Fetch): Promise<boolean> {
  if (cache) {
    try {
      return await fetchCached(cache, connection, download)
    } catch (error) {
      if (download.signal.aborted || !isOfCache(error)) throw error
      cli.say(`The cache can't be used for "${show(download.path)}" (${error.message}), so it is fetched without.`)
    }
  }
  await downloadFile(connection, download)
  return false
}

/** Whether the disk is to blame, and not the registry, the way to it or the bytes. */
function isOfCache(error: unknown): error is Error {
  if (error instanceof CliError) return true
  if (error instanceof ApiError || error instanceof ConnectionError || error instanceof IntegrityError) return false
  return error instanceof Error && 'code' in error
}
