import type { Client, PartedUpload } from '../client.ts'
import { hashFile } from '../hash-file.ts'
import { createUpload, type DraftAddress, giveUpUploads, requireSound } from './upload-api.ts'

export interface UploadChoice {
  draft: DraftAddress
  /** The uploads of this path that have not come to their end. */
  left: readonly PartedUpload[]
  file: string
  path: string
  /** In bytes. */
  size: number
  /** In lower-case hex, where it is known already. */
  sha256?: string | undefined
  signal?: AbortSignal | undefined
}

/**
 * The upload to go on with: the one of those left that has most of this file, or else a new one. The others of this path are given up.
 * Undefined when the file has to go in one piece.
 */
export async function chooseUpload(client: Client, choice: UploadChoice): Promise<PartedUpload | undefined> {
  const { draft, path, size } = choice
  const fitting = await findFitting(choice)
  const others = choice.left.filter(upload => upload !== fitting)
  await giveUpUploads(client, draft, others)
  if (fitting) return requireSound(fitting, choice)
  const sha256 = choice.sha256 !== undefined && { sha256: choice.sha256 }
  return await createUpload(client, draft, { path, size, ...sha256 })
}

/** One whose sha256 was declared is for no other bytes. */
async function findFitting(choice: UploadChoice): Promise<PartedUpload | undefined> {
  const open = choice.left.filter(({ state, size }) => state === 'open' && size === choice.size)
  if (open.every(upload => upload.sha256 === null)) return findFurthest(open)
  const sha256 = choice.sha256 ?? (await hashFile(choice.file, { signal: choice.signal }))
  return findFurthest(open.filter(upload => upload.sha256 === null || upload.sha256 === sha256))
}

function findFurthest(uploads: readonly PartedUpload[]): PartedUpload | undefined {
  return uploads.toSorted((a, b) => b.receivedBytes - a.receivedBytes)[0]
}
