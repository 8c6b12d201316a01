/** Bytes in a directory of the local file system, which several processes may use at the same time. */
import { type FileHandle, mkdir, opendir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { requireBlobId } from '../blob-id.ts'
import {
  BlobNotFoundError,
  type BlobReading,
  type BlobStore,
  type BlobWriter,
  type ByteRange,
  type Capacity,
  type StoredBlob,
} from '../blob-store.ts'
import { hasCode, makeDirectory } from '../make-directory.ts'
import type { PartReceiver } from '../part-receiver.ts'
import type { WholeBlob, WholeReader } from '../whole-read.ts'
import { type DiskRoom, diskRoom } from './disk-room.ts'
import { healthProbe } from './health-probe.ts'
import { readInstanceFile, writeInstanceFile } from './instance-file.ts'
import { type Layout, layout, readPublishedName, readStagedName } from './layout.ts'
import { type LocalDisk, realDisk, syncNames, type TrustedDisk, trustUntilSyncFails } from './local-disk.ts'
import {
  createFile,
  listFiles,
  lstatIfPresent,
  openToRead,
  requireOwnDirectory,
  throwStoreError,
  toStoreError,
  unlinkIfPresent,
} from './local-files.ts'
import { copyPartsFile, createPartsFile, openPartWriter, syncPartsFile } from './local-parts.ts'
import { readAllOf, readSpan } from './local-reader.ts'
import { localWriter } from './local-writer.ts'

export interface LocalStoreOptions {
  /** Takes the place of disk operations, for tests of failing disks. */
  disk?: Partial<LocalDisk>
  /** A monotonic clock, in ms. */
  now?: () => number
  /** Bytes of the disk that no upload takes; a twentieth of it unless given, and at most 256 MiB. */
  reserveBytes?: number | undefined
}

export class LocalStore implements BlobStore, PartReceiver, WholeReader {
  readonly #paths: Layout
  readonly #disk: TrustedDisk
  readonly #room: DiskRoom
  readonly #probe: () => Promise<void>

  private constructor(directory: string, { disk, now, reserveBytes }: LocalStoreOptions) {
    this.#paths = layout(resolve(directory))
    this.#disk = trustUntilSyncFails({ ...realDisk, ...disk })
    this.#room = diskRoom(this.#disk, this.#paths.blobs, reserveBytes)
    this.#probe = healthProbe(this.#disk, this.#paths.newProbe, now ?? (() => performance.now()))
  }

  /**
   * Makes the directories (mode 0700) where they are missing. What is staged there stays: other processes may be writing it. Rejects with
   * the file system's error when a directory can't be made or synced, and when one of the store's own directories is a link.
   */
  static async open(directory: string, options: LocalStoreOptions = {}): Promise<LocalStore> {
    const store = new LocalStore(directory, options)
    for (const path of [store.#paths.blobs, store.#paths.tmp]) {
      await requireOwnDirectory(path)
      await makeDirectory(path, parent => syncNames(store.#disk, parent))
    }
    return store
  }

  /** The bytes of a directory that another process keeps, for reading: nothing is made. */
  static attach(directory: string): LocalStore {
    return new LocalStore(directory, {})
  }

  async create(id: string): Promise<BlobWriter> {
    this.#disk.assertTrusted()
    const path = this.#paths.blob(id)
    await this.#room.require(0)
    const temporaryPath = this.#paths.newStaging(id)
    const file = await createFile(temporaryPath)
    return localWriter({
      file,
      disk: this.#disk,
      room: this.#room,
      temporaryPath,
      putInPlace: () => this.#putInPlace(id, temporaryPath, path),
    })
  }

  async createParts(id: string): Promise<string> {
    this.#disk.assertTrusted()
    await this.#room.require(0)
    const { reference, path } = this.#paths.newParts(id)
    await createPartsFile(path)
    return reference
  }

  openPart(id: string, reference: string, offset: number): Promise<BlobWriter> {
    return openPartWriter({ disk: this.#disk, room: this.#room, path: this.#paths.parts(id, reference), offset })
  }

  async publishParts(id: string, reference: string, { size, copy }: { size: number; copy: boolean }): Promise<void> {
    const path = this.#paths.blob(id)
    if ((await lstatIfPresent(path)) !== undefined) return
    const staged = this.#paths.parts(id, reference)
    const source = copy ? this.#paths.newStaging(id) : staged
    if (copy) {
      await this.#room.require(size)
      await copyPartsFile(staged, source)
    }
    await syncPartsFile(this.#disk, source, size)
    await this.#putInPlace(id, source, path)
    if (copy) await unlinkIfPresent(staged)
  }

  async read(id: string, range?: ByteRange): Promise<BlobReading> {
    const { file, size } = await this.#open(id)
    return { size, ...readSpan(file, range ?? { start: 0, end: size - 1 }) }
  }

  async readWhole(id: string, size: number): Promise<WholeBlob> {
    const { file, size: stored } = await this.#open(id)
    try {
      return { size: stored, bytes: await readAllOf(file, Math.min(size, stored)) }
    } catch (error) {
      throw toStoreError(error)
    } finally {
      await file.close()
    }
  }

  async stat(id: string): Promise<{ size: number } | undefined> {
    const found = await lstatIfPresent(this.#paths.blob(id))
    if (found === undefined) return undefined
    if (!found.isFile()) throw new Error(`blob ${id} is not a regular file`)
    return { size: found.size }
  }

  /** Removes the bytes. Not synced: a blob that a power cut brings back is garbage, which the sweep finds again. */
  async delete(id: string): Promise<void> {
    const path = this.#paths.blob(id)
    await requireOwnDirectory(dirname(path))
    await unlinkIfPresent(path)
  }

  async *list(): AsyncGenerator<StoredBlob> {
    for await (const entry of await opendir(this.#paths.blobs).catch(throwStoreError)) {
      if (!entry.isDirectory()) continue
      yield* listFiles(join(this.#paths.blobs, entry.name), name => readPublishedName(name, entry.name))
    }
  }

  listStaged(): AsyncGenerator<StoredBlob> {
    return listFiles(this.#paths.tmp, readStagedName)
  }

  async discardStaged(id: string): Promise<void> {
    requireBlobId(id)
    for await (const entry of await opendir(this.#paths.tmp).catch(throwStoreError)) {
      const isStaged = entry.isFile() && readStagedName(entry.name) === id
      if (isStaged) await unlinkIfPresent(join(this.#paths.tmp, entry.name))
    }
  }

  readInstanceId(): Promise<string | undefined> {
    return readInstanceFile(this.#paths)
  }

  async writeInstanceId(id: string): Promise<void> {
    this.#disk.assertTrusted()
    await writeInstanceFile(this.#paths, this.#disk, id)
  }

  async checkHealth(): Promise<void> {
    this.#disk.assertTrusted()
    await this.#probe()
  }

  capacity(): Promise<Capacity> {
    return this.#room.measure()
  }

  async #open(id: string): Promise<{ file: FileHandle; size: number }> {
    const file = await openToRead(this.#paths.blob(id)).catch((error: unknown) => {
      throw hasCode(error, 'ENOENT') ? new BlobNotFoundError(id) : toStoreError(error)
    })
    try {
      const found = await file.stat()
      if (!found.isFile()) throw new Error(`blob ${id} is not a regular file`)
      return { file, size: found.size }
    } catch (error) {
      await file.close()
      throw toStoreError(error)
    }
  }

  async #putInPlace(id: string, temporaryPath: string, path: string): Promise<void> {
    this.#disk.assertTrusted()
    await mkdir(dirname(path), { mode: 0o700 }).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error
    })
    await requireOwnDirectory(dirname(path))
    await this.#disk.link(temporaryPath, path).catch((error: unknown) => {
      if (hasCode(error, 'EEXIST')) throw new Error(`blob ${id} is already in the store`, { cause: error })
      if (hasCode(error, 'ENOENT')) throw new Error(`the staged bytes of blob ${id} were discarded`, { cause: error })
      throw error
    })
    try {
      await unlinkIfPresent(temporaryPath)
      await syncNames(this.#disk, dirname(path))
      // Also when another upload made the directory: that one may not have synced it yet. It costs next to nothing when nothing has changed.
      await syncNames(this.#disk, this.#paths.blobs)
    } catch (error) {
      // The first error is the one to tell. Bytes that stay have no row, and the sweep finds them.
      await unlinkIfPresent(path).catch(() => {})
      throw error
    }
  }
}
