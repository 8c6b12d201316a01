/**
 * Writes to the search index. FTS5 writes down what it has gathered at every savepoint, which costs as much as the rest of a small change. So a
 * transaction of a group leaves its changes of the index to the end of the group.
 */
import { sql } from 'kysely'
import type { Transaction } from '../database.ts'

/** By the id of a model: its text, or undefined where it leaves the index. */
export type SearchChanges = Map<string, string | undefined>

/** A model's number stays below 2^40; a team's has the bits above it. */
const ROW_ID = sql`(select seq from teams where teams.id = models.team_id) << 40 | models.seq`

const waiting = new WeakMap<Transaction, SearchChanges>()

/** From here on the changes of this transaction are gathered. The owner of the group writes them, unless the transaction fails. */
export function gatherSearchChanges(trx: Transaction): SearchChanges {
  const changes: SearchChanges = new Map()
  waiting.set(trx, changes)
  return changes
}

/** Changes the index now, or at the end of the group where changes are gathered. */
export async function changeSearchIndex(trx: Transaction, id: string, text: string | undefined): Promise<void> {
  const changes = waiting.get(trx)
  if (changes) changes.set(id, text)
  else await writeChange(trx, id, text)
}

export async function writeSearchChanges(trx: Transaction, changes: SearchChanges): Promise<void> {
  for (const [id, text] of changes) await writeChange(trx, id, text)
}

async function writeChange(trx: Transaction, id: string, text: string | undefined): Promise<void> {
  if (text === undefined) {
    await sql`delete from models_search
      where rowid = (select ${ROW_ID} from models where models.id = ${id})`.execute(trx)
  } else {
    await sql`insert or replace into models_search (rowid, search_text)
      select ${ROW_ID}, ${text} from models where models.id = ${id}`.execute(trx)
  }
}
