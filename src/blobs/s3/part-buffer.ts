/** Gathers the bytes of one part. */
import { createHash } from 'node:crypto'

const MIB = 1024 * 1024
/** Of each part but the last, in bytes: stores refuse less than 5 MiB. */
export const PART_BYTES_MIN = 8 * MIB
/** Stores refuse more. */
export const PARTS_MAX = 10_000
/** As many parts as a declared size is made into at most: a few are left. */
const PARTS_PLANNED = 9000
const FIRST_BYTES = 64 * 1024

/** The size in bytes of each part but the last one: the same for the whole upload, since some stores refuse unequal parts. */
export function choosePartBytes(size = 0, least: number = PART_BYTES_MIN): number {
  const needed = Math.ceil(Math.ceil(size / PARTS_PLANNED) / MIB) * MIB
  return Math.max(least, needed)
}

export interface PartBytes {
  body: Buffer
  sha256: Buffer
}

/** Its memory grows with what has arrived, so that a slow sender of a large file holds little. It can be used again for the next part. */
export class PartBuffer {
  readonly #capacity: number
  #memory: Buffer
  #length = 0
  #hash = createHash('sha256')

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#memory = Buffer.allocUnsafeSlow(Math.min(FIRST_BYTES, capacity))
  }

  get isFull(): boolean {
    return this.#length === this.#capacity
  }

  /** Copies what fits. @returns how many bytes of the chunk that is. */
  take(chunk: Buffer): number {
    const taken = chunk.subarray(0, this.#capacity - this.#length)
    this.#makeRoom(this.#length + taken.length)
    this.#memory.set(taken, this.#length)
    this.#hash.update(taken)
    this.#length += taken.length
    return taken.length
  }

  /** The bytes, valid until `reset`. Nothing may be taken between. */
  finish(): PartBytes {
    return { body: this.#memory.subarray(0, this.#length), sha256: this.#hash.digest() }
  }

  reset(): void {
    this.#length = 0
    this.#hash = createHash('sha256')
  }

  #makeRoom(length: number): void {
    if (length <= this.#memory.length) return
    const grown = Buffer.allocUnsafeSlow(Math.min(this.#capacity, Math.max(length, 2 * this.#memory.length)))
    grown.set(this.#memory.subarray(0, this.#length))
    this.#memory = grown
  }
}
