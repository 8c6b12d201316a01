/**
 * Bytes on their way. The row is there before the first byte, so that every process knows what is arriving and no sweep takes it for a
 * leftover. Times are ms since 1970, sizes are in bytes.
 */
import { invalidArgument } from './errors.ts'

export interface Upload {
  id: string
  teamId: string
  modelId: string
  version: number
  path: string
  storageProviderId: string
  /** The id that the blob will have. */
  blobId: string
  /** What the store needs besides the blob's id to find what is staged; null where it needs nothing. */
  staging: string | null
  userId: string
  apiKeyId: string
  createdAt: number
  /** Moved on while the upload is alive; afterwards it counts as abandoned. */
  expiresAt: number
}

/**
 * `open`: parts may be sent. `verifying`: all have been, and the whole is read to prove its sha256. `complete`: the file is in the draft.
 * `failed`: `problem` says why, and nothing was kept.
 */
export type PartedState = 'open' | 'verifying' | 'complete' | 'failed'

/** A file that is sent in parts, in any order, by several requests. */
export interface PartedUpload extends Upload {
  state: PartedState
  contentType: string
  size: number
  /** Lower-case hex, as the sender has declared it, or as it was found to be; null while unknown. */
  sha256: string | null
  /** Of each part but the last, which may be smaller. */
  partSize: number
  receivedBytes: number
  problem: string | null
  /** Two senders may have written to the same bytes at once, so what is staged is copied before it is believed. */
  isContested: boolean
}

/** One part, as it was received. */
export interface UploadPart {
  number: number
  size: number
  /** Lower-case hex; null where only the store has seen the bytes. */
  sha256: string | null
}

const MIB = 2 ** 20
/** S3's own limits: a part has at most 5 GiB, and an upload at most 10,000 parts. */
const PART_MAX_BYTES = 5 * 2 ** 30
/** Fewer than S3 allows, so that no rounding ever needs one more. */
const PARTS_WANTED_MAX = 9000

/**
 * The size of the parts of an upload: a multiple of 1 MiB, the same for each store.
 * @param least the smallest size that is wanted, in bytes.
 */
export function choosePartSize(size: number, least: number): number {
  const wanted = Math.ceil(Math.max(least, size / PARTS_WANTED_MAX) / MIB) * MIB
  return Math.min(wanted, PART_MAX_BYTES)
}

/** At least one: an empty file has one empty part. */
export function countParts({ size, partSize }: Pick<PartedUpload, 'size' | 'partSize'>): number {
  return Math.max(1, Math.ceil(size / partSize))
}

/** Where a part is in the file. Throws `invalid_argument` for a number that the upload does not have. */
export function placeOfPart(
  upload: Pick<PartedUpload, 'size' | 'partSize'>,
  number: number,
): { offset: number; size: number } {
  const count = countParts(upload)
  if (!Number.isSafeInteger(number) || number < 1 || number > count) {
    throw invalidArgument('number', `must be from 1 to ${count}, the number of parts of this upload, not ${number}`)
  }
  const offset = (number - 1) * upload.partSize
  return { offset, size: Math.min(upload.partSize, upload.size - offset) }
}
