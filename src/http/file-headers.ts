/** The headers that describe a file's bytes. An error that takes the place of the bytes must not carry them. */
import { posix } from 'node:path'
import { create as attachment } from 'content-disposition'
import type { FastifyReply } from 'fastify'
import type { StoredFile } from '../domain/file.ts'
import type { Version } from '../domain/version.ts'
import { etagOf, formatReprDigest } from './digests.ts'

const DESCRIPTIVE = [
  'accept-ranges',
  'cache-control',
  'content-disposition',
  'etag',
  'last-modified',
  'repr-digest',
  'x-holotype-version',
] as const

type FileHeaders = Partial<Record<(typeof DESCRIPTIVE)[number], string>>

/** Nothing uploaded is ever rendered: whatever the bytes are, a browser saves them and runs nothing. */
export const NEUTRAL_HEADERS = {
  'content-security-policy': "sandbox; default-src 'none'",
  'content-type': 'application/octet-stream',
  'x-content-type-options': 'nosniff',
}

/** `isFixed`: the URL always means these bytes, as that of a committed version by its number does. */
export function describeFile(file: StoredFile, version: Version, isFixed: boolean): FileHeaders {
  return {
    'accept-ranges': 'bytes',
    etag: etagOf(file),
    ...(isFixed && { 'last-modified': new Date(file.createdAt).toUTCString() }),
    'repr-digest': formatReprDigest(file.sha256),
    ...describeDownload(posix.basename(file.path), version),
  }
}

export function describeArchive(version: Version): FileHeaders {
  return describeDownload(`${version.modelId}-v${version.number}.tar`, version)
}

function describeDownload(name: string, version: Version): FileHeaders {
  return {
    // An alias, and a draft, may stand for other bytes a moment later; the ETag makes asking again cheap.
    'cache-control': 'private, no-cache',
    'content-disposition': attachment(name),
    'x-holotype-version': String(version.number),
  }
}

export function removeFileHeaders(reply: FastifyReply): void {
  for (const name of DESCRIPTIVE) reply.removeHeader(name)
}
