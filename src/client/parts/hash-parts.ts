import { createHash, type Hash } from 'node:crypto'
import { readChunks, type Source } from '../read-chunks.ts'

export interface HashedPart {
  /** From 1. */
  number: number
  /** In bytes, from the beginning of the file. */
  offset: number
  size: number
  /** In lower-case hex. */
  sha256: string
}

/** The parts of a file with the sha256 of each, in one pass over the file that also fills the hash of the whole. */
export async function* hashParts(
  source: Source,
  { partSize, whole }: { partSize: number; whole: Hash },
): AsyncGenerator<HashedPart> {
  for (let offset = 0, number = 1; offset < source.size; offset += partSize, number += 1) {
    const size = Math.min(partSize, source.size - offset)
    const hash = createHash('sha256')
    for await (const chunk of readChunks(source, { offset, size })) {
      hash.update(chunk)
      whole.update(chunk)
    }
    yield { number, offset, size, sha256: hash.digest('hex') }
  }
}
