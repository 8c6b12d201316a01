import type { Selectable, SelectQueryBuilder } from 'kysely'
import type { SubjectKind } from '../domain/errors.ts'
import type { Event, EventKind } from '../domain/event.ts'
import type { Rows, Slice } from '../domain/paging.ts'
import type { Reader, Transaction } from './database.ts'
import { prepare } from './prepared.ts'
import type { EventsTable, Schema } from './schema.ts'
import { inSlice, toRows } from './slices.ts'

const insertRow = prepare((trx: Transaction, row: ReturnType<typeof toRow>) =>
  trx.insertInto('events').values({
    id: row.id,
    team_id: row.team_id,
    kind: row.kind,
    subject_kind: row.subject_kind,
    subject_id: row.subject_id,
    model_id: row.model_id,
    version: row.version,
    created_at: row.created_at,
    user_id: row.user_id,
    api_key_id: row.api_key_id,
    request_id: row.request_id,
    address: row.address,
    details: row.details,
  }),
)

/**
 * For the databases alone: they insert the events of a transaction last, so that `seq` is the order of the commits and a reader that has
 * seen one event has seen all before it.
 */
export async function insertEvents(trx: Transaction, events: Event[]): Promise<void> {
  const [first, ...more] = events
  if (first === undefined) return
  if (more.length === 0) return void (await insertRow(trx, toRow(first)))
  await trx.insertInto('events').values(events.map(toRow)).execute()
}

export interface EventFilter {
  modelId?: string | undefined
  kind?: EventKind | undefined
  userId?: string | undefined
  version?: number | undefined
  alias?: string | undefined
}

export async function listModelEvents(
  db: Reader,
  filter: EventFilter & { modelId: string },
  slice: Slice<number>,
): Promise<Rows<Event, number>> {
  return await listEvents(db.selectFrom('events'), filter, slice)
}

export async function listTeamEvents(
  db: Reader,
  { teamId, ...filter }: EventFilter & { teamId: string },
  slice: Slice<number>,
): Promise<Rows<Event, number>> {
  return await listEvents(db.selectFrom('events').where('team_id', '=', teamId), filter, slice)
}

async function listEvents(
  events: SelectQueryBuilder<Schema, 'events', object>,
  { modelId, kind, userId, version, alias }: EventFilter,
  slice: Slice<number>,
): Promise<Rows<Event, number>> {
  let query = inSlice(events.selectAll(), 'seq', slice)
  if (modelId !== undefined) query = query.where('model_id', '=', modelId)
  if (kind !== undefined) query = query.where('kind', '=', kind)
  if (userId !== undefined) query = query.where('user_id', '=', userId)
  if (version !== undefined) query = query.where('version', '=', version)
  if (alias !== undefined) query = query.where('subject_kind', '=', 'alias').where('subject_id', '=', alias)
  return toRows(await query.execute(), slice.limit, toEvent, row => row.seq)
}

/** The time of the newest event: nothing in the database is younger. 0 when there is none. */
export async function findLatestEventTime(db: Reader): Promise<number> {
  const row = await db.selectFrom('events').select('created_at').orderBy('seq', 'desc').limit(1).executeTakeFirst()
  return row?.created_at ?? 0
}

function toRow(event: Event) {
  return {
    id: event.id,
    team_id: event.teamId,
    kind: event.kind as string,
    subject_kind: event.subject.kind as string,
    subject_id: event.subject.id,
    model_id: event.modelId,
    version: event.version,
    created_at: event.createdAt,
    user_id: event.userId,
    api_key_id: event.apiKeyId,
    request_id: event.requestId,
    address: event.address,
    details: JSON.stringify(event.details),
  }
}

function toEvent(row: Selectable<EventsTable>): Event {
  return {
    id: row.id,
    teamId: row.team_id,
    kind: row.kind as EventKind,
    subject: { kind: row.subject_kind as SubjectKind, id: row.subject_id },
    modelId: row.model_id,
    version: row.version,
    createdAt: row.created_at,
    userId: row.user_id,
    apiKeyId: row.api_key_id,
    requestId: row.request_id,
    address: row.address,
    details: JSON.parse(row.details),
  }
}
