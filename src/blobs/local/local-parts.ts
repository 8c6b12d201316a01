/** Blobs that come in parts: one staged file, of which each part is written at its place. */
import { constants, copyFile, type FileHandle, open } from 'node:fs/promises'
import type { BlobWriter } from '../blob-store.ts'
import type { DiskRoom } from './disk-room.ts'
import type { TrustedDisk } from './local-disk.ts'
import { createFile, throwStoreError, toStoreError, unlinkIfPresent } from './local-files.ts'
import { fileSink } from './local-writer.ts'

/** Makes the empty file. */
export async function createPartsFile(path: string): Promise<void> {
  const file = await createFile(path)
  await file.close()
}

interface PartPlace {
  disk: TrustedDisk
  room: DiskRoom
  path: string
  /** Where in the file the part begins. */
  offset: number
}

/** Opens a part for writing. The file must be there: one that was discarded does not come back. */
export async function openPartWriter({ disk, room, path, offset }: PartPlace): Promise<BlobWriter> {
  disk.assertTrusted()
  const file = await open(path, constants.O_WRONLY | constants.O_NOFOLLOW).catch(throwStoreError)
  const writable = fileSink({ file, disk, room }, offset)
  let isOpen = true

  async function close(): Promise<void> {
    if (!isOpen) return
    isOpen = false
    writable.destroy()
    await file.close()
  }

  async function publish(): Promise<void> {
    if (!writable.writableFinished) throw new Error(`the part in ${path} has not been written to its end`)
    try {
      await disk.dataSync(file)
    } catch (error) {
      throw toStoreError(error)
    } finally {
      await close()
    }
  }

  return { writable, publish, discard: close }
}

/** Makes a staged file durable. Throws unless it has `size` bytes. */
export async function syncPartsFile(disk: TrustedDisk, path: string, size: number): Promise<void> {
  disk.assertTrusted()
  const file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW).catch(throwStoreError)
  try {
    await requireSize(file, path, size)
    await disk.sync(file)
  } catch (error) {
    throw toStoreError(error)
  } finally {
    await file.close()
  }
}

/** Copies a staged file. Where the file system can, the copy shares its blocks until one of the two is written. */
export async function copyPartsFile(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  } catch (error) {
    await unlinkIfPresent(to)
    throw toStoreError(error)
  }
}

async function requireSize(file: FileHandle, path: string, size: number): Promise<void> {
  const found = await file.stat()
  if (!found.isFile() || found.size !== size) throw new Error(`${path} has ${found.size} bytes, not ${size}`)
}
