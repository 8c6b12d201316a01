/**
 * The few disk operations that fail on a bad or full disk, by name, so that tests can put failures in their place. Everything a local store
 * promises about durability goes through these.
 */
import { constants } from 'node:fs'
import { type FileHandle, link, open, statfs } from 'node:fs/promises'

export interface LocalDisk {
  /** Writes all the chunks at a position in the file, or appends them, however many system calls that takes. */
  write(file: FileHandle, chunks: Buffer[], position?: number): Promise<void>
  /** Makes the bytes written so far durable. */
  dataSync(file: FileHandle): Promise<void>
  /** Makes the bytes and the file's own record durable. */
  sync(file: FileHandle): Promise<void>
  /** Opens a directory to sync it. A failure, such as too few descriptors, is no failed sync. */
  openDirectory(path: string): Promise<FileHandle>
  /** Makes the names in a directory durable: without it a power cut may forget a file whose bytes are safe. */
  syncDirectory(directory: FileHandle): Promise<void>
  /** Gives a file a second name. Never overwrites: EEXIST when the name is taken. */
  link(from: string, to: string): Promise<void>
  /** How many bytes are free for this user, and there at all, on the disk of a path. */
  measure(path: string): Promise<{ freeBytes: number; totalBytes: number }>
}

export const realDisk: LocalDisk = {
  write: writeAll,
  dataSync: file => file.datasync(),
  sync: file => file.sync(),
  openDirectory: path => open(path, constants.O_RDONLY | constants.O_DIRECTORY),
  syncDirectory: directory => directory.sync(),
  link,
  measure: measureDisk,
}

async function measureDisk(path: string): Promise<{ freeBytes: number; totalBytes: number }> {
  const { bavail, blocks, bsize } = await statfs(path)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}

async function writeAll(file: FileHandle, chunks: Buffer[], position?: number): Promise<void> {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  let { bytesWritten } = await file.writev(chunks, position)
  if (bytesWritten === total) return
  // A short write is legal (a disk about to be full): the next one says why.
  const rest = Buffer.concat(chunks)
  while (bytesWritten < total) {
    const at = position === undefined ? null : position + bytesWritten
    bytesWritten += (await file.write(rest, bytesWritten, total - bytesWritten, at)).bytesWritten
  }
}

/** Makes the names in the directory at `path` durable. */
export async function syncNames(disk: LocalDisk, path: string): Promise<void> {
  const directory = await disk.openDirectory(path)
  try {
    await disk.syncDirectory(directory)
  } finally {
    await directory.close()
  }
}

export interface TrustedDisk extends LocalDisk {
  /** Throws once a sync has failed. */
  assertTrusted(): void
}

/**
 * The same disk, which remembers a failed sync. After one the kernel may have thrown the bytes away and call the next sync a success. So it
 * is never tried again and nothing is accepted any more until a restart; reading goes on. Only a failed sync counts: want of descriptors or
 * memory passes.
 */
export function trustUntilSyncFails(disk: LocalDisk): TrustedDisk {
  let failure: { error: unknown } | undefined

  async function remembering(syncing: Promise<void>): Promise<void> {
    try {
      await syncing
    } catch (error) {
      failure ??= { error }
      throw error
    }
  }

  return {
    ...disk,
    dataSync: file => remembering(disk.dataSync(file)),
    sync: file => remembering(disk.sync(file)),
    syncDirectory: directory => remembering(disk.syncDirectory(directory)),
    assertTrusted() {
      if (!failure) return
      throw new Error('the local store takes no more bytes: its disk failed to make earlier ones durable', {
        cause: failure.error,
      })
    },
  }
}
