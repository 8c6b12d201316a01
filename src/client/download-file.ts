import { createHash } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { OWN_PREFIX } from '../domain/file-path.ts'
import type { Connection } from './connection.ts'
import { ConnectionError, findErrorCode, IntegrityError } from './errors.ts'
import { hashFile } from './hash-file.ts'
import { openDownload } from './open-download.ts'
import { openPartialFile, type PartialFile } from './partial-file.ts'
import { retry } from './retry.ts'
import { type FileAddress, toRequestError } from './transport.ts'

export interface FileDownload extends FileAddress {
  /** What the registry lists: in bytes, and in lower-case hex. */
  size: number
  sha256: string
  signal?: AbortSignal
  /** The local file: replaced in one step when everything has arrived and is right. Its folder must exist. */
  file: string
  /** Called with the number of bytes that came since the last call; negative when they have to come again. */
  onProgress?: (bytes: number) => void
}

/**
 * Fetches a file in constant memory. What an earlier, interrupted download has left is taken up where it ended; what a connection breaks is
 * asked for again from there. Nothing stands at `file` before its size and sha256 have proved right: else an `IntegrityError` is thrown.
 */
export async function downloadFile(connection: Connection, download: FileDownload): Promise<void> {
  const temp = partialPath(download.file, download)
  const kept = await attemptDownload(connection, download, temp)
  if (kept === 'right') return
  // What was left of an earlier download was not the beginning of this file: once more, from the first byte.
  if (kept === 'wrong-beginning' && (await attemptDownload(connection, download, temp)) === 'right') return
  throw new IntegrityError(`what came for "${download.path}" does not have the sha256 ${download.sha256}`)
}

/** Beside the file, so that it is on the same disk; the same for the same content, so that the next attempt finds it. */
export function partialPath(file: string, { sha256 }: { sha256: string }): string {
  const id = createHash('sha256')
    .update(`${basename(file)}\n${sha256}`)
    .digest('hex')
    .slice(0, 24)
  return join(dirname(file), `${PARTIAL_PREFIX}${id}`)
}

/** Files with this beginning are never part of a model. */
export const PARTIAL_PREFIX = `${OWN_PREFIX}part-`

/** What a download gets further by, in bytes, to count as one that is not stuck. */
const PROGRESS_BYTES = 1024 * 1024

async function attemptDownload(
  connection: Connection,
  download: FileDownload,
  temp: string,
): Promise<'right' | 'wrong' | 'wrong-beginning'> {
  await using part = await openPartialFile(temp, download.size, download.signal)
  const found = part.size
  download.onProgress?.(found)
  let furthest = found
  const receive = (_failures: number, progressed: () => void) =>
    receiveRest(connection, download, part, () => {
      // Only what is further than ever: bytes that come again and again are no progress.
      if (part.size < furthest + PROGRESS_BYTES) return
      furthest = part.size
      progressed()
    })
  try {
    await retry(receive, { signal: download.signal, retryRefused: true })
  } catch (error) {
    // What has come is not to be trusted, or nothing has.
    if (error instanceof IntegrityError || part.size === 0) await rm(temp, { force: true })
    if (findErrorCode(error) === CUT_SHORT)
      throw new IntegrityError(`what comes for "${download.path}" ends before its ${download.size} bytes`)
    throw error
  }
  if (part.sha256() === download.sha256) {
    await part.sync()
    await publish(temp, download)
    return 'right'
  }
  await rm(temp, { force: true })
  download.onProgress?.(-download.size)
  return found > 0 ? 'wrong-beginning' : 'wrong'
}

async function receiveRest(
  connection: Connection,
  download: FileDownload,
  part: PartialFile,
  progressed: () => void,
): Promise<void> {
  if (part.size === download.size) return
  const { offset, body } = await openDownload(connection, { ...download, offset: part.size })
  if (offset !== part.size) {
    download.onProgress?.(offset - part.size)
    await part.startOver()
  }
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (part.size + chunk.length > download.size)
        throw new IntegrityError(`more came for "${download.path}" than its size`)
      await part.append(chunk)
      download.onProgress?.(chunk.length)
      progressed()
    }
  } catch (error) {
    if (download.signal?.aborted) throw download.signal.reason
    throw body.errored ? toRequestError(connection, error) : error
  } finally {
    await part.flush()
  }
  if (part.size === download.size) return
  // Without a length this is all that shows that the connection broke.
  const cause = Object.assign(new Error('short'), { code: CUT_SHORT })
  throw new ConnectionError(connection.url, `"${download.path}" broke off`, cause)
}

const CUT_SHORT = 'CUT_SHORT'

async function publish(temp: string, { file, sha256 }: FileDownload): Promise<void> {
  try {
    await rename(temp, file)
  } catch (error) {
    // Another download of the same file has been first, and has taken our bytes with its own.
    const isThere = (await hashFile(file).catch(() => undefined)) === sha256
    if (!isThere) throw error
  }
  await syncFolder(dirname(file))
}

/** After it a rename outlives a power cut. Where folders can't be opened (Windows), the system sees to it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}
