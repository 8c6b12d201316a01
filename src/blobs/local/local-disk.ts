/**
 * The few disk operations that fail on a bad or full disk, by name, so that tests can put failures in their place. Everything a local store
 * promises about durability goes through these.
 */
import { constants } from 'node:fs'
import { type FileHandle, link, open } from 'node:fs/promises'

export interface LocalDisk {
  /** Appends all the chunks, however many system calls that takes. */
  write(file: FileHandle, chunks: Buffer[]): Promise<void>
  /** Makes the bytes written so far durable. */
  dataSync(file: FileHandle): Promise<void>
  /** Makes the bytes and the file's own record durable. */
  sync(file: FileHandle): Promise<void>
  /** Makes the names in a directory durable: without it a power cut may forget a file whose bytes are safe. */
  syncDirectory(path: string): Promise<void>
  /** Gives a file a second name. Never overwrites: EEXIST when the name is taken. */
  link(from: string, to: string): Promise<void>
}

export const realDisk: LocalDisk = {
  write: writeAll,
  dataSync: file => file.datasync(),
  sync: file => file.sync(),
  syncDirectory,
  link,
}

async function writeAll(file: FileHandle, chunks: Buffer[]): Promise<void> {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  let { bytesWritten } = await file.writev(chunks)
  if (bytesWritten === total) return
  // A short write is legal (a disk about to be full): the next one says why.
  const rest = Buffer.concat(chunks)
  while (bytesWritten < total) bytesWritten += (await file.write(rest, bytesWritten)).bytesWritten
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** Whether a failure of the file system carries one of these codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
}
