/** Answers with a file's bytes, the same way at every door. */
import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { StoredFile } from '../domain/file.ts'
import type { Version } from '../domain/version.ts'
import { readFile } from '../registry/files/read-file.ts'
import type { Registry } from '../registry/registry.ts'
import { evaluatePreconditions } from './conditions.ts'
import { etagOf } from './digests.ts'
import { describeFile, NEUTRAL_HEADERS } from './file-headers.ts'
import { HttpError } from './http-error.ts'
import { sendBytes, untilReadable } from './send-bytes.ts'

export interface Download {
  version: Version
  file: StoredFile
  /**
   * Whether the URL always means these bytes. An alias or a draft may change, so there no date can be a validator: an alias that is moved
   * back to an older version would look unchanged.
   */
  isFixed: boolean
  /** What the door's protocol adds to the answer. */
  headers?: OutgoingHttpHeaders
}

/** Throws HttpError 412 or 416 when the conditions or the range of the request don't fit the file. */
export async function sendFile(
  registry: Registry,
  { version, file, isFixed, headers = {} }: Download,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { range: asked, ...conditions } = request.headers
  // Only GET has ranges (RFC 9110 §14.2).
  const outcome = evaluatePreconditions(
    asked === undefined || request.method === 'HEAD' ? conditions : { ...conditions, range: asked },
    { size: file.size, etag: etagOf(file), lastModified: isFixed ? file.createdAt : undefined },
  )
  if (outcome.kind === 'precondition-failed') throw new HttpError(412, 'the file is not the one the condition names')
  if (outcome.kind === 'unsatisfiable') {
    reply.header('content-range', `bytes */${file.size}`)
    throw new HttpError(416, `the range is outside the file, which has ${file.size} bytes`)
  }
  const range = outcome.kind === 'range' ? outcome : undefined
  const needsBytes = outcome.kind !== 'not-modified' && request.method !== 'HEAD'
  const bytes = needsBytes ? await readFile(registry, file, range) : undefined
  // What fails up to here still becomes an error answer, and that has no header of the file.
  if (bytes) await untilReadable(bytes)
  reply.headers({ ...NEUTRAL_HEADERS, ...describeFile(file, version, isFixed), ...headers })
  if (outcome.kind === 'not-modified') return reply.code(304).send()
  if (range) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${file.size}`)
  reply.header('content-length', range ? range.end - range.start + 1 : file.size)
  return bytes ? await sendBytes(bytes, request, reply) : reply.send()
}
