/** For many processes, doors and stores: who the installation is, owned names, search, typed events and jobs, uploads. */
import { randomBytes, randomUUID } from 'node:crypto'
import { type ColumnDefinitionBuilder, sql } from 'kysely'
import { foldText } from '../../domain/text.ts'
import type { Transaction } from '../database.ts'
import { dialectOf } from '../dialect.ts'
import { convertEvent, type OldEvent, payloadOf } from './first-release-rows.ts'
import { normalizeTags } from './first-release-tags.ts'

const required = (column: ColumnDefinitionBuilder) => column.notNull()
const zero = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo(0)
const sequence = (column: ColumnDefinitionBuilder) => column.primaryKey().autoIncrement()

export async function up(trx: Transaction): Promise<void> {
  await createInstance(trx)
  await giveNamesToModels(trx)
  await addDraftRevision(trx)
  await trx.schema.alterTable('projects').addColumn('deleted_at', 'bigint').execute()
  await addStorageSettings(trx)
  await createModelTags(trx)
  await rebuildEvents(trx)
  await rebuildJobs(trx)
  await createUploads(trx)
  await createIdempotencyKeys(trx)
  await createUnknownBytes(trx)
}

async function createInstance(trx: Transaction): Promise<void> {
  await trx.schema
    .createTable('instance')
    .addColumn('singleton', 'integer', column => column.primaryKey())
    .addColumn('id', 'text', required)
    .addColumn('cursor_key', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addCheckConstraint('instance_once', sql`singleton = 1`)
    .execute()
  const team = await trx.selectFrom('teams').select('created_at').orderBy('seq').limit(1).executeTakeFirst()
  // An installation that is in use already gets its identity here; a new one with its first team.
  if (!team) return
  await trx
    .insertInto('instance')
    .values({
      singleton: 1,
      id: randomUUID(),
      cursor_key: randomBytes(32).toString('base64'),
      created_at: team.created_at,
    })
    .execute()
}

/** Rows per step, so that no step holds many in memory. */
const CHUNK = 1000

async function giveNamesToModels(trx: Transaction): Promise<void> {
  await trx.schema.alterTable('models').addColumn('owned_name', 'text').execute()
  await trx.schema
    .alterTable('models')
    .addColumn('search_text', 'text', column => column.notNull().defaultTo(''))
    .execute()
  await trx.schema
    .createIndex('models_owned_name')
    .on('models')
    .columns(['team_id', 'owned_name'])
    .unique()
    .where(sql.ref('owned_name'), 'is not', null)
    .execute()
  // Most models are in no project.
  await trx.schema.dropIndex('models_of_project').execute()
  await trx.schema
    .createIndex('models_of_project')
    .on('models')
    .columns(['project_id', 'seq'])
    .where(sql<boolean>`project_id is not null and deleted_at is null`)
    .execute()
  // Almost every model owns its name, so an index of all names would be written for the few that do not.
  await trx.schema.dropIndex('models_by_name').execute()
  await trx.schema
    .createIndex('models_namesakes')
    .on('models')
    .columns(['team_id', 'name', 'seq'])
    .where(sql<boolean>`owned_name is null and deleted_at is null`)
    .execute()
  let after = 0
  for (;;) {
    const rows = await trx
      .selectFrom('models')
      .select(['seq', 'id', 'team_id', 'name', 'description', 'deleted_at'])
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(CHUNK)
      .execute()
    for (const row of rows) {
      after = row.seq
      const name = row.name.normalize('NFC')
      const searchText = foldText(`${name}\n${row.description ?? ''}`)
      await trx.updateTable('models').set({ name, search_text: searchText }).where('id', '=', row.id).execute()
      if (row.deleted_at !== null) continue
      const owner = await trx
        .selectFrom('models')
        .select('id')
        .where('team_id', '=', row.team_id)
        .where('owned_name', '=', name)
        .executeTakeFirst()
      if (!owner) await trx.updateTable('models').set({ owned_name: name }).where('id', '=', row.id).execute()
    }
    if (rows.length < CHUNK) break
  }
  await dialectOf(trx).createSearchIndex(trx)
}

async function addDraftRevision(trx: Transaction): Promise<void> {
  await trx.schema
    .alterTable('versions')
    .addColumn('revision', 'bigint', column => column.notNull().defaultTo(0))
    .execute()
}

async function addStorageSettings(trx: Transaction): Promise<void> {
  for (const column of ['settings', 'sealed_secret']) {
    await trx.schema.alterTable('storage_providers').addColumn(column, 'text').execute()
  }
  // For the question whether anything still refers to a provider, which its deletion asks, and the foreign keys with it.
  await trx.schema.createIndex('blobs_of_provider').on('blobs').column('storage_provider_id').execute()
  // Most models name none.
  await trx.schema
    .createIndex('models_of_provider')
    .on('models')
    .column('storage_provider_id')
    .where(sql.ref('storage_provider_id'), 'is not', null)
    .execute()
}

async function createModelTags(trx: Transaction): Promise<void> {
  await trx.schema
    .createTable('model_tags')
    .addColumn('team_id', 'text', required)
    .addColumn('tag', 'text', required)
    .addColumn('model_seq', 'bigint', required)
    .addColumn('model_id', 'text', required)
    .addPrimaryKeyConstraint('model_tags_pk', ['team_id', 'tag', 'model_seq'])
    .execute()
  await trx.schema.createIndex('model_tags_of_model').on('model_tags').columns(['model_id', 'tag']).execute()
  await trx.schema.dropIndex('version_tags_by_tag').execute()
  await trx.schema
    .createIndex('version_tags_of_model')
    .on('version_tags')
    .columns(['model_id', 'tag', 'number'])
    .execute()
  await normalizeTags(trx)
  // A deleted version's tags are of no use any more.
  await sql`delete from version_tags where exists (select 1 from versions
    where versions.model_id = version_tags.model_id and versions.number = version_tags.number
      and versions.deleted_at is not null)`.execute(trx)
  await sql`insert into model_tags (team_id, tag, model_seq, model_id)
    select distinct models.team_id, version_tags.tag, models.seq, models.id
    from version_tags inner join models on models.id = version_tags.model_id`.execute(trx)
}

async function rebuildEvents(trx: Transaction): Promise<void> {
  await trx.schema.alterTable('events').renameTo('events_of_first_release').execute()
  for (const name of ['events_of_model', 'events_of_team']) await trx.schema.dropIndex(name).execute()
  await trx.schema
    .createTable('events')
    .addColumn('seq', 'integer', sequence)
    .addColumn('id', 'text', required)
    .addColumn('team_id', 'text', required)
    .addColumn('kind', 'text', required)
    .addColumn('subject_kind', 'text', required)
    .addColumn('subject_id', 'text', required)
    .addColumn('model_id', 'text')
    .addColumn('version', 'integer')
    .addColumn('created_at', 'bigint', required)
    .addColumn('user_id', 'text')
    .addColumn('api_key_id', 'text')
    .addColumn('request_id', 'text')
    .addColumn('address', 'text')
    .addColumn('details', 'text', required)
    .execute()
  await copyEvents(trx)
  await trx.schema.dropTable('events_of_first_release').execute()
  // One index for each filter of the feeds, in the order of the feed. Those of one model hold only the rows that have such a subject.
  for (const [name, columns] of Object.entries({
    events_of_team: ['team_id', 'seq'],
    events_of_team_by_kind: ['team_id', 'kind', 'seq'],
    events_of_team_by_user: ['team_id', 'user_id', 'seq'],
  })) {
    await trx.schema.createIndex(name).on('events').columns(columns).execute()
  }
  await trx.schema.createIndex('events_of_model').on('events').columns(['model_id', 'seq']).execute()
  await trx.schema
    .createIndex('events_of_version')
    .on('events')
    .columns(['model_id', 'version', 'seq'])
    .where(sql.ref('version'), 'is not', null)
    .execute()
  await trx.schema
    .createIndex('events_of_alias')
    .on('events')
    .columns(['team_id', 'subject_id', 'seq'])
    .where(sql.ref('subject_kind'), '=', sql.lit('alias'))
    .execute()
}

async function copyEvents(trx: Transaction): Promise<void> {
  let after = 0
  for (;;) {
    const { rows } = await sql<OldEvent>`select * from events_of_first_release
      where seq > ${after} order by seq limit ${CHUNK}`.execute(trx)
    for (const row of rows) {
      after = row.seq
      await trx.insertInto('events').values(convertEvent(row)).execute()
    }
    if (rows.length < CHUNK) return
  }
}

interface OldJob {
  kind: string
  subject: string
  run_at: number
  created_at: number
}

async function rebuildJobs(trx: Transaction): Promise<void> {
  const { rows } = await sql<OldJob>`select kind, subject, run_at, created_at from jobs`.execute(trx)
  await trx.schema.dropTable('jobs').execute()
  await trx.schema
    .createTable('jobs')
    .addColumn('seq', 'integer', sequence)
    .addColumn('kind', 'text', required)
    .addColumn('key', 'text', required)
    .addColumn('payload', 'text', required)
    .addColumn('run_at', 'bigint', required)
    .addColumn('lease', 'text')
    .addColumn('attempts', 'integer', column => column.notNull().defaultTo(0))
    .addColumn('revision', 'integer', column => column.notNull().defaultTo(0))
    .addColumn('created_at', 'bigint', required)
    .addUniqueConstraint('jobs_key', ['kind', 'key'])
    .execute()
  await trx.schema.createIndex('jobs_due').on('jobs').columns(['kind', 'run_at']).execute()
  for (const { kind, subject, run_at, created_at } of rows) {
    const payload = payloadOf(kind, subject)
    if (payload === undefined) continue
    await trx
      .insertInto('jobs')
      .values({ kind, key: subject, payload: JSON.stringify(payload), run_at, created_at })
      .execute()
  }
}

async function createUploads(trx: Transaction): Promise<void> {
  await trx.schema
    .createTable('uploads')
    .addColumn('seq', 'integer', sequence)
    .addColumn('id', 'text', column => column.notNull().unique())
    .addColumn('team_id', 'text', required)
    .addColumn('model_id', 'text', required)
    .addColumn('number', 'integer', required)
    .addColumn('path', 'text', required)
    .addColumn('storage_provider_id', 'text', required)
    .addColumn('blob_id', 'text', column => column.notNull().unique())
    .addColumn('staging', 'text')
    .addColumn('user_id', 'text', required)
    .addColumn('api_key_id', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('expires_at', 'bigint', required)
    .addColumn('state', 'text', column => column.notNull().defaultTo('receiving'))
    .addColumn('content_type', 'text', column => column.notNull().defaultTo(''))
    .addColumn('size', 'bigint', zero)
    .addColumn('sha256', 'text')
    .addColumn('part_size', 'bigint', zero)
    .addColumn('received_bytes', 'bigint', zero)
    .addColumn('problem', 'text')
    .addColumn('is_contested', 'integer', zero)
    .execute()
  await trx.schema.createIndex('uploads_expiry').on('uploads').column('expires_at').execute()
  // A list shows those that are not at their end, and a commit asks for them.
  await trx.schema
    .createIndex('uploads_of_version')
    .on('uploads')
    .columns(['model_id', 'number', 'seq'])
    .where(sql<boolean>`state in ('open', 'verifying')`)
    .execute()
  await trx.schema
    .createTable('upload_parts')
    .addColumn('upload_id', 'text', required)
    .addColumn('number', 'integer', required)
    .addColumn('claim', 'text', required)
    .addColumn('sha256', 'text')
    .addColumn('size', 'bigint', required)
    .addPrimaryKeyConstraint('upload_parts_pk', ['upload_id', 'number'])
    .execute()
  await trx.schema
    .createIndex('upload_parts_unfinished')
    .on('upload_parts')
    .column('upload_id')
    .where(sql.ref('sha256'), 'is', null)
    .execute()
}

async function createIdempotencyKeys(trx: Transaction): Promise<void> {
  await trx.schema
    .createTable('idempotency_keys')
    .addColumn('api_key_id', 'text', required)
    .addColumn('key', 'text', required)
    .addColumn('fingerprint', 'text', required)
    .addColumn('result', 'text')
    .addColumn('created_at', 'bigint', required)
    .addPrimaryKeyConstraint('idempotency_keys_pk', ['api_key_id', 'key'])
    .execute()
  await trx.schema.createIndex('idempotency_keys_age').on('idempotency_keys').column('created_at').execute()
}

async function createUnknownBytes(trx: Transaction): Promise<void> {
  await trx.schema
    .createTable('unknown_bytes')
    .addColumn('blob_id', 'text', column => column.primaryKey())
    .addColumn('found_at', 'bigint', required)
    .addColumn('seen_at', 'bigint', required)
    .execute()
  await trx.schema.createIndex('unknown_bytes_age').on('unknown_bytes').column('found_at').execute()
}
