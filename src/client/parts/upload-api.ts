/** The operations of an upload in parts, with what a registry could say wrong about them found at once. */
import { type Client, dataOf, type PartedUpload, type PartOffer } from '../client.ts'
import { ApiError, IntegrityError } from '../errors.ts'
import { walkPages } from '../walk-pages.ts'
import type { PartNotes } from './part-notes.ts'

export interface DraftAddress {
  modelId: string
  version: string
}

/** S3's own limit, and so that of the registry. */
const PARTS_MAX = 10_000
/** More than a version can have. */
const UPLOADS_MAX = 10_000

/**
 * Undefined when it takes this file in one piece only: a registry of an earlier release, or a store that takes no parts. What else is wrong with
 * the draft shows there too.
 */
export async function createUpload(
  client: Client,
  { modelId: id, version }: DraftAddress,
  body: { path: string; size: number; sha256?: string },
): Promise<PartedUpload | undefined> {
  const params = { path: { id, version } }
  try {
    const upload = await dataOf(client.POST('/v1/models/{id}/versions/{version}/uploads', { params, body }))
    return requireSound(upload, body)
  } catch (error) {
    if (isUnknown(error) || isConflict(error)) return undefined
    throw error
  }
}

/** Those of a draft that are open or being verified; none where the registry knows no uploads in parts. */
export async function listUploads(client: Client, { modelId: id, version }: DraftAddress): Promise<PartedUpload[]> {
  const uploads: PartedUpload[] = []
  const fetchPage = (after: string | undefined) => {
    const query = { limit: 1000, ...(after !== undefined && { after }) }
    const params = { path: { id, version }, query }
    return dataOf(client.GET('/v1/models/{id}/versions/{version}/uploads', { params }))
  }
  try {
    for await (const upload of walkPages(fetchPage, { what: 'uploads', max: UPLOADS_MAX })) uploads.push(upload)
  } catch (error) {
    if (!isUnknown(error)) throw error
  }
  return uploads
}

/** Of an upload that has ended meanwhile nothing is left to give up. */
export async function giveUpUploads(
  client: Client,
  draft: DraftAddress,
  uploads: ReadonlyArray<Pick<PartedUpload, 'id'>>,
): Promise<void> {
  for (const upload of uploads) {
    const params = { path: toPath(draft, upload) }
    try {
      await dataOf(client.DELETE('/v1/models/{id}/versions/{version}/uploads/{upload}', { params }))
    } catch (error) {
      if (!isUnknown(error) && !isConflict(error)) throw error
    }
  }
}

export async function getUpload(client: Client, draft: DraftAddress, upload: PartedUpload): Promise<PartedUpload> {
  const params = { path: toPath(draft, upload) }
  return await dataOf(client.GET('/v1/models/{id}/versions/{version}/uploads/{upload}', { params }))
}

export async function completeUpload(client: Client, draft: DraftAddress, upload: PartedUpload): Promise<PartedUpload> {
  const params = { path: toPath(draft, upload) }
  return await dataOf(client.POST('/v1/models/{id}/versions/{version}/uploads/{upload}/complete', { params, body: {} }))
}

/** The sha256 of each part that has been received, by its number: what the registry says, or else what was noted when it was sent. */
export async function listReceivedParts(
  client: Client,
  draft: DraftAddress,
  upload: PartedUpload,
  notes?: PartNotes,
): Promise<Map<number, string>> {
  const noted = notes?.find(upload.id)
  const received = new Map<number, string>()
  const fetchPage = (after: string | undefined) => {
    const query = { limit: 1000, ...(after !== undefined && { after }) }
    const params = { path: toPath(draft, upload), query }
    return dataOf(client.GET('/v1/models/{id}/versions/{version}/uploads/{upload}/parts', { params }))
  }
  for await (const part of walkPages(fetchPage, { what: 'parts', max: upload.partCount })) {
    const sha256 = part.sha256 ?? noted?.get(part.number)
    if (part.isReceived && sha256 !== undefined) received.set(part.number, sha256)
  }
  return received
}

export interface WantedPart {
  /** From 1. */
  number: number
  /** In bytes. */
  size: number
  /** In lower-case hex. */
  sha256: string
}

/** Each of these parts, in their order, with how to send it. `isDeclared`: other bytes than those of its sha256 are to be refused. */
export async function offerParts<T extends WantedPart>(
  client: Client,
  draft: DraftAddress,
  { upload, parts, isDeclared }: { upload: PartedUpload; parts: readonly T[]; isDeclared: boolean },
): Promise<Array<{ part: T; offer: PartOffer }>> {
  const params = { path: toPath(draft, upload) }
  const sha256s = isDeclared && { sha256s: parts.map(part => part.sha256) }
  const body = { numbers: parts.map(part => part.number), ...sha256s }
  const path = '/v1/models/{id}/versions/{version}/uploads/{upload}/parts'
  const { items } = await dataOf(client.POST(path, { params, body }))
  const offers = new Map(items.map(item => [item.number, item]))
  return parts.map(part => {
    const offer = offers.get(part.number)
    if (offer?.size === part.size) return { part, offer }
    throw new IntegrityError(`the registry does not say how to send part ${part.number} of "${upload.path}"`)
  })
}

/** Throws an `IntegrityError` unless the parts make up the file. */
export function requireSound(upload: PartedUpload, file: { path: string; size: number }): PartedUpload {
  const { partSize, partCount } = upload
  const isSound =
    upload.path === file.path &&
    upload.size === file.size &&
    partSize > 0 &&
    partCount <= PARTS_MAX &&
    partCount === Math.ceil(file.size / partSize)
  if (isSound) return upload
  throw new IntegrityError(`the registry has begun another upload than that of "${file.path}"`)
}

function isUnknown(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 405)
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409
}

function toPath({ modelId: id, version }: DraftAddress, { id: upload }: Pick<PartedUpload, 'id'>) {
  return { id, version, upload }
}
