/** Tags as the first release kept them: in the normal form in which they came. */
import { sql } from 'kysely'
import type { Transaction } from '../database.ts'

interface TaggedVersion {
  seq: number
  model_id: string
  number: number
  tags: string
}

/** Rows per step, so that no step holds many in memory. */
const CHUNK = 1000

/** Brings them into normal form C, in which tags are looked for. */
export async function normalizeTags(trx: Transaction): Promise<void> {
  let last = { seq: 0, number: 0 }
  for (;;) {
    const { rows } = await sql<TaggedVersion>`select models.seq, model_id, number, tags
      from versions inner join models on models.id = versions.model_id
      where tags <> '[]' and (models.seq, number) > (${last.seq}, ${last.number})
      order by models.seq, number limit ${CHUNK}`.execute(trx)
    for (const row of rows) {
      last = row
      const tags = row.tags.normalize('NFC')
      if (tags !== row.tags) await writeTags(trx, row, [...new Set<string>(JSON.parse(tags))])
    }
    if (rows.length < CHUNK) return
  }
}

async function writeTags(
  trx: Transaction,
  { model_id, number }: Pick<TaggedVersion, 'model_id' | 'number'>,
  tags: string[],
): Promise<void> {
  const version = { model_id, number }
  await trx
    .updateTable('versions')
    .set({ tags: JSON.stringify(tags) })
    .where('model_id', '=', model_id)
    .where('number', '=', number)
    .execute()
  await trx.deleteFrom('version_tags').where('model_id', '=', model_id).where('number', '=', number).execute()
  await trx
    .insertInto('version_tags')
    .values(tags.map(tag => ({ ...version, tag })))
    .execute()
}
