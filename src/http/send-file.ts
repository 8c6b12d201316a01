/** Answers with a file's bytes, the same way at every door. */
import { posix } from 'node:path'
import { create as attachment } from 'content-disposition'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { StoredFile } from '../domain/file.ts'
import type { Version } from '../domain/version.ts'
import { readFile } from '../registry/files/get-file.ts'
import type { Registry } from '../registry/registry.ts'
import { judge } from './conditions.ts'
import { etagOf, formatReprDigest } from './digests.ts'
import { HttpError } from './http-error.ts'
import { sendBytes, untilReadable } from './send-bytes.ts'

/**
 * `isFixed`: the URL can never stand for other bytes. An alias or a draft can, so there no date may vouch for them: an alias that is moved
 * back to an older version would look unchanged.
 */
export async function sendFile(
  registry: Registry,
  { version, file, isFixed }: { version: Version; file: StoredFile; isFixed: boolean },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const etag = etagOf(file)
  const { range: asked, ...headers } = request.headers
  // A range is a range of bytes to be sent (RFC 9110 §14.2): a question about the whole file has none.
  const conditions = asked === undefined || request.method === 'HEAD' ? headers : { ...headers, range: asked }
  const verdict = judge(conditions, { size: file.size, etag, lastModified: isFixed ? file.createdAt : undefined })
  // A refusal goes out before the headers that describe the file: they would be about the error then.
  if (verdict.kind === 'precondition-failed') throw new HttpError(412, 'the file is not the one the condition names')
  if (verdict.kind === 'unsatisfiable') {
    reply.header('content-range', `bytes */${file.size}`)
    throw new HttpError(416, `the range is outside the file, which has ${file.size} bytes`)
  }
  const range = verdict.kind === 'range' ? verdict : undefined
  const needsBytes = verdict.kind !== 'not-modified' && request.method !== 'HEAD'
  const bytes = needsBytes ? await readFile(registry, file, range) : undefined
  if (bytes) await untilReadable(bytes)
  reply.headers({
    ...NEUTRAL_HEADERS,
    'accept-ranges': 'bytes',
    etag,
    ...(isFixed && { 'last-modified': new Date(file.createdAt).toUTCString() }),
    'repr-digest': formatReprDigest(file.sha256),
    // An alias, and a draft, may stand for other bytes a moment later; the ETag makes asking again cheap.
    'cache-control': 'private, no-cache',
    'content-disposition': attachment(posix.basename(file.path)),
    'x-holotype-version': String(version.number),
  })
  if (verdict.kind === 'not-modified') return reply.code(304).send()
  if (range) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${file.size}`)
  reply.header('content-length', range ? range.end - range.start + 1 : file.size)
  return bytes ? await sendBytes(bytes, request, reply) : reply.send()
}

/** Nothing uploaded is ever rendered: whatever the bytes are, a browser saves them and runs nothing. */
export const NEUTRAL_HEADERS = {
  'content-security-policy': "sandbox; default-src 'none'",
  'content-type': 'application/octet-stream',
  'x-content-type-options': 'nosniff',
}
