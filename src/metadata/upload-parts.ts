/** Parts of uploads that this registry receives itself. Of several sendings of a part only the last one has its claim. */
import type { Rows, Slice } from '../domain/paging.ts'
import type { UploadPart } from '../domain/upload.ts'
import type { Reader, Transaction } from './database.ts'
import { inSlice, toRows } from './slices.ts'

export interface PartClaim {
  uploadId: string
  number: number
  /** Random. */
  claim: string
}

/**
 * Gives a part to one sending; an earlier one, at its end or not, loses it. The upload must be locked.
 * @returns the bytes that are no longer counted as received, and the claim of a sending that had not come to its end.
 */
export async function claimPart(
  trx: Transaction,
  { uploadId, number, claim }: PartClaim,
): Promise<{ lostBytes: number; unfinished: string | undefined }> {
  const before = await trx
    .selectFrom('upload_parts')
    .selectAll()
    .where('upload_id', '=', uploadId)
    .where('number', '=', number)
    .executeTakeFirst()
  await trx
    .insertInto('upload_parts')
    .values({ upload_id: uploadId, number, claim, size: 0 })
    .onConflict(conflict => conflict.columns(['upload_id', 'number']).doUpdateSet({ claim, sha256: null, size: 0 }))
    .execute()
  return { lostBytes: before?.size ?? 0, unfinished: before?.sha256 === null ? before.claim : undefined }
}

/** Answers false when another sending has claimed the part meanwhile. */
export async function finishPart(
  trx: Transaction,
  { uploadId, number, claim }: PartClaim,
  received: { size: number; sha256: string },
): Promise<boolean> {
  const row = await trx
    .updateTable('upload_parts')
    .set(received)
    .where('upload_id', '=', uploadId)
    .where('number', '=', number)
    .where('claim', '=', claim)
    .returning('number')
    .executeTakeFirst()
  return row !== undefined
}

/** Takes the claim back: all that this sending wrote has been written. */
export async function releasePart(trx: Transaction, { uploadId, number, claim }: PartClaim): Promise<void> {
  await trx
    .deleteFrom('upload_parts')
    .where('upload_id', '=', uploadId)
    .where('number', '=', number)
    .where('claim', '=', claim)
    .where('sha256', 'is', null)
    .execute()
}

/** Parts that have been received, sorted by number. */
export async function listReceivedParts(
  db: Reader,
  uploadId: string,
  slice: Slice<number>,
): Promise<Rows<UploadPart, number>> {
  const query = db
    .selectFrom('upload_parts')
    .select(['number', 'size', 'sha256'])
    .where('upload_id', '=', uploadId)
    .where('sha256', 'is not', null)
  return toRows(
    await inSlice(query, 'number', slice).execute(),
    slice.limit,
    row => row,
    row => row.number,
  )
}

export async function countReceivedParts(db: Reader, uploadId: string): Promise<number> {
  const row = await db
    .selectFrom('upload_parts')
    .select(eb => eb.fn.countAll<number>().as('count'))
    .where('upload_id', '=', uploadId)
    .where('sha256', 'is not', null)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Forgets claims of sendings that did not come to their end: only while no other process can be receiving a part. */
export async function releaseAllParts(trx: Transaction): Promise<void> {
  await trx.deleteFrom('upload_parts').where('sha256', 'is', null).execute()
}
