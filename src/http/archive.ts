/** A whole version as one tar, packed while it is sent. */
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import tar from 'tar-stream'
import type { Version } from '../domain/version.ts'
import { readFile } from '../registry/files/get-file.ts'
import { iterateFiles } from '../registry/files/iterate-files.ts'
import type { Registry } from '../registry/registry.ts'
import { describeArchive, NEUTRAL_HEADERS } from './file-headers.ts'

/** The same version gives the same bytes each time: files in the order of their paths, with the time of the commit. */
export function streamArchive(
  registry: Registry,
  version: Version,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  reply.headers({
    ...NEUTRAL_HEADERS,
    ...describeArchive(version),
    'content-type': 'application/x-tar',
  })
  if (request.method === 'HEAD') return reply.send()
  return reply.send(pack(registry, version, request))
}

/** Has no length beforehand, so an archive that breaks off can't look complete: its last chunk is missing. */
function pack(registry: Registry, version: Version, request: FastifyRequest): Readable {
  const archive = tar.pack()
  const out = new PassThrough()
  // An error on either side ends both; the answer then breaks off.
  void pipeline(archive, out).catch(error => archive.destroy(error))
  void addFiles(registry, version, archive).catch(error => {
    if (!out.destroyed) request.log.warn({ err: error, req: request }, 'an archive broke off')
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
      // When the client has left, the archive has ended, and no entry destroys the stream.
      stream.destroy()
    }
  }
  archive.finalize()
}
