/** One upload on its way to the local disk: large writes, then the steps that make it durable and visible, in their order. */
import type { FileHandle } from 'node:fs/promises'
import { Writable } from 'node:stream'
import type { BlobWriter } from '../blob-store.ts'
import { noteSpentBuffers } from '../spent-buffers.ts'
import type { DiskRoom } from './disk-room.ts'
import type { LocalDisk } from './local-disk.ts'
import { toStoreError, unlinkIfPresent } from './local-files.ts'

/** Bytes gathered before one write: single socket chunks would cost a third of the throughput. */
const batchBytes = 256 * 1024
/** Bytes that may wait behind a write. With the batch, an upload holds well under 1 MiB, however large it is. */
const waitingBytes = 64 * 1024
/** Buffers gathered before one write: bodies that arrive in crumbs would otherwise cost far more memory than they have bytes. */
const batchChunks = 512
/** Bytes between two syncs in the background, so that the disk works while the network does and the last sync is short. */
const syncEveryBytes = 64 * 1024 * 1024

export interface LocalWriterParts {
  file: FileHandle
  disk: LocalDisk
  room: DiskRoom
  temporaryPath: string
  /** Gives the synced file its final name and makes that name durable. */
  putInPlace(): Promise<void>
}

export function localWriter({ file, disk, room, temporaryPath, putInPlace }: LocalWriterParts): BlobWriter {
  const writable = fileSink({ file, disk, room })
  let state: 'open' | 'published' | 'dropped' = 'open'

  async function discard(): Promise<void> {
    if (state !== 'open') return
    state = 'dropped'
    writable.destroy()
    // Closing waits for what is still being written.
    await file.close()
    await unlinkIfPresent(temporaryPath)
  }

  async function publish(): Promise<void> {
    if (state !== 'open') throw new Error(`the upload in ${temporaryPath} is already ${state}`)
    if (!writable.writableFinished) throw new Error(`the upload in ${temporaryPath} has not been written to its end`)
    try {
      await disk.sync(file)
      await putInPlace()
    } catch (error) {
      // What can't be removed is left to the sweep; the first error is the one to tell.
      await discard().catch(() => {})
      throw toStoreError(error)
    }
    state = 'published'
    await file.close()
  }

  return { writable, publish, discard }
}

/**
 * Gathers what arrives into large writes and keeps the disk busy behind them. It leaves the file open: publishing still syncs it.
 * @param offset where in the file the bytes go; without it, at the end.
 */
export function fileSink(
  { file, disk, room }: Pick<LocalWriterParts, 'file' | 'disk' | 'room'>,
  offset?: number,
): Writable {
  let position = offset
  let batch: Buffer[] = []
  let batched = 0
  let unsynced = 0
  let syncing: Promise<void> = Promise.resolve()

  async function writeBatch(): Promise<void> {
    if (batched === 0) return
    unsynced += batched
    const [full, bytes] = [batch, batched]
    batch = []
    batched = 0
    await room.require(bytes)
    await disk.write(file, full, position)
    if (position !== undefined) position += bytes
    noteSpentBuffers(bytes)
    if (unsynced < syncEveryBytes) return
    await syncing
    unsynced = 0
    syncing = disk.dataSync(file)
    // The next one that waits for it gets the error; until then it must not count as unhandled.
    syncing.catch(() => {})
  }

  async function take(chunks: Buffer[]): Promise<void> {
    for (const chunk of chunks) {
      batch.push(chunk)
      batched += chunk.length
      if (batched >= batchBytes || batch.length >= batchChunks) await writeBatch()
    }
  }

  async function finish(): Promise<void> {
    await writeBatch()
    await syncing
  }

  return new Writable({
    highWaterMark: waitingBytes,
    write: (chunk: Buffer, _encoding, done) => settle(take([chunk]), done),
    writev: (chunks, done) => settle(take(chunks.map(({ chunk }) => chunk as Buffer)), done),
    final: done => settle(finish(), done),
  })
}

function settle(work: Promise<void>, done: (error?: Error | null) => void): void {
  work.then(
    () => done(),
    (error: unknown) => done(toStoreError(error)),
  )
}
