/** Bytes in a directory of the local file system. One process owns the directory; keeping a second one out is the caller's business. */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, opendir, readdir, rm, statfs, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { BlobNotFoundError, type BlobReading, type BlobStore, type BlobWriter, type ByteRange } from '../blob-store.ts'
import { hasCode, type LocalDisk, realDisk } from './local-disk.ts'
import { readSpan } from './local-reader.ts'
import { localWriter, storeError } from './local-writer.ts'

const blobId = /^bl[0-9a-z]{13}$/

/**
 * Where things lie; no other code builds a path.
 *
 *     <root>/blobs/k3/blk3x09a7bq1m2d      published, never changed again
 *                  └ the first two characters of the id's random part
 *     <root>/tmp/blk3x09a7bq1m2d.<random>  being written; what a crash leaves here is swept on open
 *     <root>/tmp/probe.<random>            a health check at work
 */
function layout(root: string) {
  const blobs = join(root, 'blobs')
  const tmp = join(root, 'tmp')
  const random = () => randomBytes(12).toString('hex')
  return {
    blobs,
    tmp,
    blob: (id: string) => join(blobs, checkedId(id).slice(2, 4), id),
    staging: (id: string) => join(tmp, `${checkedId(id)}.${random()}`),
    probe: () => join(tmp, `probe.${random()}`),
  }
}

function checkedId(id: string): string {
  if (!blobId.test(id)) throw new TypeError(`${JSON.stringify(id)} is not the id of a blob`)
  return id
}

export interface LocalStoreOptions {
  /** Takes the place of disk operations, for tests of failing disks. */
  disk?: Partial<LocalDisk>
}

export class LocalStore implements BlobStore {
  readonly #paths: ReturnType<typeof layout>
  readonly #disk: LocalDisk
  #syncFailure: unknown

  private constructor(root: string, disk: LocalDisk) {
    this.#paths = layout(root)
    this.#disk = {
      ...disk,
      dataSync: file => this.#remembering(disk.dataSync(file)),
      sync: file => this.#remembering(disk.sync(file)),
      syncDirectory: path => this.#remembering(disk.syncDirectory(path)),
    }
  }

  /**
   * Makes the directories (mode 0700) where they are missing and sweeps what a crash left half-written. Rejects with the file system's error
   * when the directory can't be made or synced.
   */
  static async open(directory: string, options: LocalStoreOptions = {}): Promise<LocalStore> {
    const root = resolve(directory)
    const store = new LocalStore(root, { ...realDisk, ...options.disk })
    await store.#makeDirectory(store.#paths.blobs)
    await store.#makeDirectory(store.#paths.tmp)
    for (const name of await readdir(store.#paths.tmp)) await rm(join(store.#paths.tmp, name), { recursive: true })
    return store
  }

  /** The bytes of a directory that another process owns: nothing is made or swept, since what lies in staging may be arriving right now. */
  static beside(directory: string): LocalStore {
    return new LocalStore(resolve(directory), realDisk)
  }

  async create(id: string): Promise<BlobWriter> {
    this.#assertTrusted()
    const path = this.#paths.blob(id)
    const temporaryPath = this.#paths.staging(id)
    const file = await createFile(temporaryPath)
    return localWriter({
      file,
      disk: this.#disk,
      temporaryPath,
      putInPlace: () => this.#putInPlace(id, temporaryPath, path),
    })
  }

  async read(id: string, range?: ByteRange): Promise<BlobReading> {
    const path = this.#paths.blob(id)
    // A planted link is not followed, and a planted pipe does not block the open.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
    const file = await open(path, flags).catch((error: unknown) => {
      throw hasCode(error, 'ENOENT') ? new BlobNotFoundError(id) : error
    })
    try {
      const found = await file.stat()
      if (!found.isFile()) throw new Error(`blob ${id} is not a regular file`)
      return { size: found.size, ...readSpan(file, range ?? { start: 0, end: found.size - 1 }) }
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async stat(id: string): Promise<{ size: number } | undefined> {
    const found = await lstatIfPresent(this.#paths.blob(id))
    if (found === undefined) return undefined
    if (!found.isFile()) throw new Error(`blob ${id} is not a regular file`)
    return { size: found.size }
  }

  /** Removes the bytes. Not synced: a blob that a power cut brings back is garbage, which the sweep after a crash finds again. */
  async delete(id: string): Promise<void> {
    await rm(this.#paths.blob(id), { force: true })
  }

  async *list(): AsyncGenerator<string> {
    for await (const directory of await opendir(this.#paths.blobs)) {
      if (!directory.isDirectory()) continue
      for (const entry of await readdir(join(this.#paths.blobs, directory.name), { withFileTypes: true })) {
        if (entry.isFile() && blobId.test(entry.name)) yield entry.name
      }
    }
  }

  async checkHealth(): Promise<void> {
    this.#assertTrusted()
    const path = this.#paths.probe()
    const file = await createFile(path)
    try {
      await this.#disk.write(file, [Buffer.of(0)])
    } catch (error) {
      throw storeError(error)
    } finally {
      await file.close()
      await unlink(path)
    }
  }

  async capacity(): Promise<{ freeBytes: number; totalBytes: number }> {
    const { bavail, blocks, bsize } = await statfs(this.#paths.blobs)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  }

  async #putInPlace(id: string, temporaryPath: string, path: string): Promise<void> {
    this.#assertTrusted()
    await mkdir(dirname(path), { mode: 0o700 }).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error
    })
    await this.#disk.link(temporaryPath, path).catch((error: unknown) => {
      throw hasCode(error, 'EEXIST') ? new Error(`blob ${id} is already in the store`, { cause: error }) : error
    })
    try {
      await unlink(temporaryPath)
      await this.#disk.syncDirectory(dirname(path))
      // Also when another upload made the directory: that one may not have synced it yet. It costs next to nothing when nothing has changed.
      await this.#disk.syncDirectory(this.#paths.blobs)
    } catch (error) {
      await unlink(path)
      throw error
    }
  }

  /** Makes a directory with its parents and syncs the parent of each one made, or only its own parent when it was there. */
  async #makeDirectory(path: string): Promise<void> {
    const first = (await mkdir(path, { recursive: true, mode: 0o700 })) ?? path
    for (let made = path; ; made = dirname(made)) {
      await this.#disk.syncDirectory(dirname(made))
      if (made === first) return
    }
  }

  /**
   * After a failed sync the kernel may have thrown the bytes away and call the next sync a success. So it is never tried again and nothing
   * is accepted any more until a restart; reading goes on.
   */
  async #remembering(syncing: Promise<void>): Promise<void> {
    try {
      await syncing
    } catch (error) {
      this.#syncFailure ??= error
      throw error
    }
  }

  #assertTrusted(): void {
    if (this.#syncFailure === undefined) return
    throw new Error('the local store takes no more bytes: its disk failed to make earlier ones durable', {
      cause: this.#syncFailure,
    })
  }
}

function createFile(path: string) {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  return open(path, flags, 0o600).catch((error: unknown) => {
    throw storeError(error)
  })
}

async function lstatIfPresent(path: string) {
  try {
    return await lstat(path)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
