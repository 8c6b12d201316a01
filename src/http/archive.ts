/** A whole version as one tar, packed while it is sent. */
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Version } from '../domain/version.ts'
import { iterateFileSizes } from '../registry/files/iterate-files.ts'
import type { FileBytes } from '../registry/files/read-file.ts'
import { readFiles } from '../registry/files/read-files.ts'
import type { Registry } from '../registry/registry.ts'
import { describeArchive, NEUTRAL_HEADERS } from './file-headers.ts'
import { sendBytes, sendHead, untilReadable } from './send-bytes.ts'
import { END_OF_ARCHIVE, entryHeader, entryLength, padding } from './tar.ts'

/** Small parts are sent together, in pieces of about this many bytes. */
const PIECE = 64 * 1024

/** The same version gives the same bytes each time: files in the order of their paths, with the time of the commit. */
export async function sendArchive(
  registry: Registry,
  version: Version,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const length = await measureArchive(registry, version)
  const bytes = request.method === 'HEAD' ? undefined : pack(registry, version, length)
  // What fails up to here still becomes an error answer.
  if (bytes) await untilReadable(bytes)
  reply.headers({
    ...NEUTRAL_HEADERS,
    ...describeArchive(version),
    'content-type': 'application/x-tar',
    'content-length': length,
  })
  return bytes ? await sendBytes(bytes, request, reply) : sendHead(reply)
}

async function measureArchive(registry: Registry, version: Version): Promise<number> {
  let length = END_OF_ARCHIVE.length
  for await (const file of iterateFileSizes(registry, version)) length += entryLength(file)
  return length
}

function pack(registry: Registry, version: Version, length: number): FileBytes {
  const { pieces, recycle } = packPieces(registry, version)
  return { stream: Readable.from(ofLength(pieces, length), { highWaterMark: 1 }), recycle }
}

/** The files of a draft may change while it is packed: then the archive isn't the one that was announced, and breaks off. */
async function* ofLength(pieces: AsyncIterable<Buffer>, length: number): AsyncGenerator<Buffer> {
  let left = length
  for await (const piece of pieces) {
    left -= piece.length
    if (left < 0) break
    yield piece
  }
  if (left !== 0) throw new Error('the files of the version have changed while it was packed')
}

function packPieces(registry: Registry, version: Version) {
  const mtime = Math.floor((version.committedAt ?? version.createdAt) / 1000)
  /** How each piece that came from a stream is given back to it. */
  const owners = new Map<Buffer, FileBytes['recycle']>()

  async function* stream({ stream, recycle }: FileBytes): AsyncGenerator<Buffer> {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (recycle) owners.set(chunk, recycle)
      yield chunk
    }
  }

  async function* pieces(): AsyncGenerator<Buffer> {
    const parts: Buffer[] = []
    let size = 0
    const add = (part: Buffer) => {
      parts.push(part)
      size += part.length
    }
    for await (const { file, bytes } of readFiles(registry, version)) {
      add(entryHeader({ path: file.path, size: file.size, mtime }))
      if (Buffer.isBuffer(bytes)) add(bytes)
      else {
        yield Buffer.concat(parts.splice(0))
        size = 0
        yield* stream(bytes)
      }
      add(padding(file.size))
      if (size < PIECE) continue
      yield Buffer.concat(parts.splice(0))
      size = 0
    }
    yield Buffer.concat([...parts, END_OF_ARCHIVE])
  }

  function recycle(chunk: Buffer): void {
    owners.get(chunk)?.(chunk)
    owners.delete(chunk)
  }
  return { pieces: pieces(), recycle }
}
