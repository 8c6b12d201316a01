/** A whole version as one tar, packed while it is sent. */
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { create as attachment } from 'content-disposition'
import type { FastifyReply, FastifyRequest } from 'fastify'
import tar from 'tar-stream'
import type { Version } from '../domain/version.ts'
import { readFile } from '../registry/files/get-file.ts'
import { iterateFiles } from '../registry/files/iterate-files.ts'
import type { Registry } from '../registry/registry.ts'
import { NEUTRAL_HEADERS } from './send-file.ts'

/** The same version gives the same bytes each time: files in the order of their paths, with the time of the commit. */
export function streamArchive(
  registry: Registry,
  version: Version,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  reply.headers({
    ...NEUTRAL_HEADERS,
    'content-type': 'application/x-tar',
    'content-disposition': attachment(`${version.modelId}-v${version.number}.tar`),
    'cache-control': 'private, no-cache',
    'x-holotype-version': String(version.number),
  })
  if (request.method === 'HEAD') return reply.send()
  return reply.send(pack(registry, version))
}

/** Has no length beforehand, so an archive that breaks off can't look complete: its last chunk is missing. */
function pack(registry: Registry, version: Version): Readable {
  const archive = tar.pack()
  const out = new PassThrough()
  // Whatever goes wrong on either side ends both; the answer then breaks off.
  void pipeline(archive, out).catch(error => archive.destroy(error))
  void addFiles(registry, version, archive).catch(error => {
    if (!out.destroyed) registry.warn(`the archive of version ${version.number} of ${version.modelId} broke off`, error)
    archive.destroy(error)
  })
  return out
}

async function addFiles(registry: Registry, version: Version, archive: tar.Pack): Promise<void> {
  const mtime = new Date(version.committedAt ?? version.createdAt)
  for await (const file of iterateFiles(registry, version)) {
    const { stream } = await readFile(registry, file)
    try {
      const entry = archive.entry({ name: file.path, size: file.size, mode: 0o644, mtime })
      await pipeline(stream, entry)
    } finally {
      // A client that has left ends the archive, and then there is no entry to take the stream along.
      stream.destroy()
    }
  }
  archive.finalize()
}
