/** The files of a version one after the other, with their bytes. Small ones are read ahead: waiting for each by itself costs more than it. */
import type { StoredFile } from '../../domain/file.ts'
import type { Version } from '../../domain/version.ts'
import type { Registry } from '../registry.ts'
import { iterateFiles } from './iterate-files.ts'
import { type FileBytes, readFile, readSmallFile } from './read-file.ts'

/** In bytes: up to here a file is read whole, into memory. */
const SMALL_FILE_MAX = 64 * 1024
/** Of small files at once, for one reader: enough to keep a disk at work, and little memory where thousands read. */
const AHEAD_FILES = 16
const AHEAD_BYTES = 256 * 1024

export interface FileWithBytes {
  file: StoredFile
  /** All of them where the file is small, else a stream. */
  bytes: Buffer | FileBytes
}

interface Reading {
  file: StoredFile
  /** In bytes of memory. */
  held: number
  /** Undefined where the file is large: it is opened only when it is its turn. */
  bytes: Promise<Buffer> | undefined
}

/**
 * In the order of their paths. Everything is checked as `readFile` does it; the first failure is thrown in the place of its file. A stream has to
 * be read to its end, or destroyed, before the next file is asked for.
 */
export async function* readFiles(registry: Registry, version: Version): AsyncGenerator<FileWithBytes> {
  const waiting: Reading[] = []
  let bytesAhead = 0
  for await (const file of iterateFiles(registry, version)) {
    const reading = begin(registry, file)
    waiting.push(reading)
    bytesAhead += reading.held
    while (waiting.length > AHEAD_FILES || bytesAhead > AHEAD_BYTES) {
      const first = waiting.shift()
      if (!first) break
      bytesAhead -= first.held
      yield await finish(registry, first)
    }
  }
  for (const reading of waiting) yield await finish(registry, reading)
}

function begin(registry: Registry, file: StoredFile): Reading {
  if (file.size > SMALL_FILE_MAX) return { file, held: 0, bytes: undefined }
  const bytes = readSmallFile(registry, file)
  // Its failure is told when it is its turn, which may never come.
  bytes.catch(() => {})
  return { file, held: file.size, bytes }
}

async function finish(registry: Registry, { file, bytes }: Reading): Promise<FileWithBytes> {
  return { file, bytes: await (bytes ?? readFile(registry, file)) }
}
