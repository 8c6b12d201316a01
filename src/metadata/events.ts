import type { Selectable } from 'kysely'
import type { Event, EventKind } from '../domain/event.ts'
import type { Rows, Slice } from '../domain/paging.ts'
import type { Queryable } from './database.ts'
import { prepare } from './prepared.ts'
import type { EventsTable } from './schema.ts'
import { inSlice, toRows } from './slices.ts'

const insertRow = prepare((db, event: Omit<Event, 'id' | 'details'> & { details: string }) =>
  db.insertInto('events').values({
    team_id: event.teamId,
    model_id: event.modelId,
    version: event.version,
    kind: event.kind,
    created_at: event.createdAt,
    user_id: event.userId,
    api_key_id: event.apiKeyId,
    details: event.details,
  }),
)

export async function insertEvent(db: Queryable, event: Omit<Event, 'id'>): Promise<void> {
  await insertRow(db, { ...event, details: JSON.stringify(event.details) })
}

export async function listModelEvents(
  db: Queryable,
  modelId: string,
  slice: Slice<number>,
): Promise<Rows<Event, number>> {
  const query = inSlice(db.selectFrom('events').selectAll().where('model_id', '=', modelId), 'seq', slice)
  return toRows(await query.execute(), slice.limit, toEvent, row => row.seq)
}

/** The time of the newest event: nothing in the database is younger. 0 when there is none. */
export async function findLatestEventTime(db: Queryable): Promise<number> {
  const row = await db.selectFrom('events').select('created_at').orderBy('seq', 'desc').limit(1).executeTakeFirst()
  return row?.created_at ?? 0
}

function toEvent(row: Selectable<EventsTable>): Event {
  return {
    id: row.seq,
    teamId: row.team_id,
    modelId: row.model_id,
    version: row.version,
    kind: row.kind as EventKind,
    createdAt: row.created_at,
    userId: row.user_id,
    apiKeyId: row.api_key_id,
    details: JSON.parse(row.details),
  }
}
