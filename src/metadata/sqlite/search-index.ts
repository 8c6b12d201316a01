/**
 * Writes to the search index. What one write costs FTS5 depends little on how many rows it has, and for one row it is as much as all the rest of a
 * small change. So changed rows wait in a plain table until there are many. A search reads both.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Reader, Transaction } from '../database.ts'
import { prepare } from '../prepared.ts'

/** A model's number stays below 2^40; a team's has the bits above it. So the models of one team are one range, in the order of lists. */
export const MODEL_BITS = 40

/** Each search looks through the rows that wait, so there are never many more than this. */
const WAITING_MAX = 512

export async function createSearchIndex(trx: Transaction): Promise<void> {
  // Without the places of the trigrams in the texts it is a fifth of the size and several times as fast to write.
  await sql`create virtual table models_search using fts5(search_text, content='', contentless_delete=1, detail=none,
    tokenize='trigram case_sensitive 1')`.execute(trx)
  // A search reads a page of each part of the index for each trigram: a quarter of the usual size is read in less than half the time.
  await sql`insert into models_search (models_search, rank) values ('pgsz', 1000)`.execute(trx)
  // A model without a text leaves the index.
  await sql`create table models_search_waiting (row_id integer primary key, search_text text)`.execute(trx)
  await sql`insert into models_search (rowid, search_text)
    select teams.seq << ${sql.lit(MODEL_BITS)} | models.seq, search_text from models
    join teams on teams.id = models.team_id where deleted_at is null order by 1`.execute(trx)
}

const insertWaiting = prepare(
  (_, args: { id: string; text: string | null }) =>
    sql<never>`insert or replace into models_search_waiting (row_id, search_text)
    select teams.seq << ${sql.lit(MODEL_BITS)} | models.seq, ${args.text} from models
    join teams on teams.id = models.team_id where models.id = ${args.id}`,
)

/** @param text folded; null where the model leaves the index. */
export async function changeSearchIndex(trx: Transaction, id: string, text: string | null): Promise<void> {
  await insertWaiting(trx, { id, text })
}

const countWaiting = prepare(
  () => sql<{ count: number }>`select count(*) as count
    from (select 1 from models_search_waiting limit ${sql.lit(WAITING_MAX)})`,
)

/** Moves the rows that wait into the index, if they are many. For the end of each group of transactions. */
export async function writeSearchIndex(trx: Transaction): Promise<void> {
  const [waiting] = await countWaiting(trx, {})
  if (waiting === undefined || waiting.count < WAITING_MAX) return
  await sql`delete from models_search
    where rowid in (select row_id from models_search_waiting where search_text is null)`.execute(trx)
  await sql`insert or replace into models_search (rowid, search_text)
    select row_id, search_text from models_search_waiting where search_text is not null order by row_id`.execute(trx)
  await sql`delete from models_search_waiting`.execute(trx)
}

/** Row ids from the lowest to the highest that a search is about. */
export interface Range {
  low: number
  high: number
}

/** As integers: numbers of JavaScript are bound as floating-point ones, by which FTS5 doesn't limit what it reads. */
export function isBetween(rowId: RawBuilder<unknown>, { low, high }: Range): RawBuilder<boolean> {
  return sql`${rowId} between cast(${low} as integer) and cast(${high} as integer)`
}

/** Row ids in the range that wait with a text that has the part. */
export async function findWaiting(
  db: Reader,
  { part, low, high }: Range & { part: string },
  { limit, order }: { limit: number; order: 'asc' | 'desc' },
): Promise<number[]> {
  const { rows } = await sql<{ row_id: number }>`select row_id from models_search_waiting
    where ${isBetween(sql`row_id`, { low, high })} and instr(search_text, ${part}) > 0
    order by row_id ${sql.raw(order)} limit ${limit}`.execute(db)
  return rows.map(row => row.row_id)
}
