import { type ColumnDefinitionBuilder, sql } from 'kysely'
import type { Transaction } from '../database.ts'

/** All tables of the first release. What the columns mean is told in schema.ts. */
export async function up(db: Transaction): Promise<void> {
  await createTeams(db)
  await createModels(db)
  await createFiles(db)
  await createHistory(db)
}

// AUTOINCREMENT: a sequence number of a deleted row is never given out again, or a page that begins after it would skip its successor.
const sequence = (column: ColumnDefinitionBuilder) => column.primaryKey().autoIncrement()
const required = (column: ColumnDefinitionBuilder) => column.notNull()
const id = (column: ColumnDefinitionBuilder) => column.notNull().unique()
const flag = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo(0)
const references = (target: string) => (column: ColumnDefinitionBuilder) => column.notNull().references(target)

async function createTeams(db: Transaction): Promise<void> {
  await db.schema
    .createTable('teams')
    .addColumn('seq', 'integer', sequence)
    .addColumn('id', 'text', id)
    .addColumn('namespace', 'text', id)
    .addColumn('created_at', 'bigint', required)
    .execute()
  await db.schema
    .createTable('users')
    .addColumn('seq', 'integer', sequence)
    .addColumn('id', 'text', id)
    .addColumn('team_id', 'text', references('teams.id'))
    .addColumn('name', 'text', required)
    .addColumn('email', 'text')
    .addColumn('created_at', 'bigint', required)
    .addColumn('deleted_at', 'bigint')
    .execute()
  await db.schema.createIndex('users_of_team').on('users').columns(['team_id', 'seq']).execute()
  await db.schema
    .createTable('api_keys')
    .addColumn('seq', 'integer', sequence)
    .addColumn('id', 'text', id)
    .addColumn('team_id', 'text', references('teams.id'))
    .addColumn('user_id', 'text', references('users.id'))
    .addColumn('name', 'text', required)
    .addColumn('role', 'text', required)
    .addColumn('secret_sha256', 'text', required)
    .addColumn('is_instance_admin', 'integer', flag)
    .addColumn('created_at', 'bigint', required)
    .addColumn('expires_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .addColumn('last_used_at', 'bigint')
    .execute()
  await db.schema.createIndex('api_keys_of_team').on('api_keys').columns(['team_id', 'seq']).execute()
  await db.schema
    .createTable('projects')
    .addColumn('seq', 'integer', sequence)
    .addColumn('id', 'text', id)
    .addColumn('team_id', 'text', references('teams.id'))
    .addColumn('name', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .execute()
  await db.schema.createIndex('projects_of_team').on('projects').columns(['team_id', 'seq']).execute()
  await db.schema
    .createTable('storage_providers')
    .addColumn('seq', 'integer', sequence)
    .addColumn('id', 'text', id)
    .addColumn('team_id', 'text', references('teams.id'))
    .addColumn('name', 'text', required)
    .addColumn('kind', 'text', required)
    .addColumn('is_team_default', 'integer', flag)
    .addColumn('created_at', 'bigint', required)
    .execute()
  await db.schema.createIndex('storage_providers_of_team').on('storage_providers').columns(['team_id', 'seq']).execute()
  await db.schema
    .createIndex('storage_provider_default')
    .on('storage_providers')
    .column('team_id')
    .unique()
    .where(sql.ref('is_team_default'), '=', sql.lit(1))
    .execute()
}

async function createModels(db: Transaction): Promise<void> {
  await db.schema
    .createTable('models')
    .addColumn('seq', 'integer', sequence)
    .addColumn('id', 'text', id)
    .addColumn('team_id', 'text', references('teams.id'))
    .addColumn('name', 'text', required)
    .addColumn('description', 'text')
    .addColumn('is_public', 'integer', flag)
    .addColumn('project_id', 'text', column => column.references('projects.id').onDelete('set null'))
    .addColumn('storage_provider_id', 'text', column => column.references('storage_providers.id'))
    .addColumn('created_at', 'bigint', required)
    .addColumn('modified_at', 'bigint', required)
    .addColumn('deleted_at', 'bigint')
    .addColumn('last_version', 'integer', flag)
    .execute()
  // Each list of models has an index in its own order, so that a page costs the same with a thousand models or a million.
  for (const [name, columns] of Object.entries({
    models_of_team: ['team_id', 'seq'],
    models_of_project: ['project_id', 'seq'],
    models_by_name: ['team_id', 'name', 'seq'],
  })) {
    await db.schema.createIndex(name).on('models').columns(columns).where(sql.ref('deleted_at'), 'is', null).execute()
  }
  await db.schema
    .createTable('versions')
    .addColumn('model_id', 'text', references('models.id'))
    .addColumn('number', 'integer', required)
    .addColumn('user_id', 'text', references('users.id'))
    .addColumn('message', 'text')
    .addColumn('metadata', 'text')
    .addColumn('tags', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('modified_at', 'bigint', required)
    .addColumn('committed_at', 'bigint')
    .addColumn('deleted_at', 'bigint')
    .addColumn('digest', 'text')
    .addColumn('file_count', 'bigint', flag)
    .addColumn('usage_bytes', 'bigint', flag)
    .addPrimaryKeyConstraint('versions_pk', ['model_id', 'number'])
    .execute()
  // "latest" is one step in this index, however many versions and drafts there are.
  await db.schema
    .createIndex('versions_committed')
    .on('versions')
    .columns(['model_id', 'number'])
    .where(sql<boolean>`committed_at is not null and deleted_at is null`)
    .execute()
  await db.schema
    .createTable('version_tags')
    .addColumn('model_id', 'text', required)
    .addColumn('number', 'integer', required)
    .addColumn('tag', 'text', required)
    .addPrimaryKeyConstraint('version_tags_pk', ['model_id', 'number', 'tag'])
    .addForeignKeyConstraint('version_tags_version', ['model_id', 'number'], 'versions', ['model_id', 'number'], fk =>
      fk.onDelete('cascade'),
    )
    .execute()
  await db.schema.createIndex('version_tags_by_tag').on('version_tags').columns(['tag', 'model_id']).execute()
}

async function createFiles(db: Transaction): Promise<void> {
  await db.schema
    .createTable('blobs')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('team_id', 'text', references('teams.id'))
    .addColumn('storage_provider_id', 'text', references('storage_providers.id'))
    .addColumn('size', 'bigint', required)
    .addColumn('sha256', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('verified_at', 'bigint', required)
    .addColumn('damaged_at', 'bigint')
    .addColumn('unreferenced_at', 'bigint')
    .execute()
  // The same bytes are stored once in a team. A damaged blob doesn't stand in the way of an intact one.
  await db.schema
    .createIndex('blobs_once')
    .on('blobs')
    .columns(['team_id', 'storage_provider_id', 'sha256'])
    .unique()
    .where(sql.ref('damaged_at'), 'is', null)
    .execute()
  await db.schema.createIndex('blobs_usage').on('blobs').columns(['team_id', 'size']).execute()
  await db.schema
    .createIndex('blobs_unreferenced')
    .on('blobs')
    .column('unreferenced_at')
    .where(sql.ref('unreferenced_at'), 'is not', null)
    .execute()
  await db.schema
    .createTable('files')
    .addColumn('model_id', 'text', required)
    .addColumn('number', 'integer', required)
    .addColumn('path', 'text', required)
    .addColumn('path_key', 'text', required)
    .addColumn('blob_id', 'text', references('blobs.id'))
    .addColumn('content_type', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addPrimaryKeyConstraint('files_pk', ['model_id', 'number', 'path'])
    .addUniqueConstraint('files_path_key', ['model_id', 'number', 'path_key'])
    .addForeignKeyConstraint('files_version', ['model_id', 'number'], 'versions', ['model_id', 'number'])
    .execute()
  await db.schema.createIndex('files_of_blob').on('files').column('blob_id').execute()
  await db.schema
    .createTable('aliases')
    .addColumn('seq', 'integer', sequence)
    .addColumn('model_id', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('number', 'integer', required)
    .addColumn('user_id', 'text', references('users.id'))
    .addColumn('created_at', 'bigint', required)
    .addColumn('modified_at', 'bigint', required)
    .addUniqueConstraint('aliases_name', ['model_id', 'name'])
    .addForeignKeyConstraint('aliases_version', ['model_id', 'number'], 'versions', ['model_id', 'number'])
    .execute()
  await db.schema.createIndex('aliases_of_model').on('aliases').columns(['model_id', 'seq']).execute()
  await db.schema.createIndex('aliases_of_version').on('aliases').columns(['model_id', 'number']).execute()
}

async function createHistory(db: Transaction): Promise<void> {
  // No foreign keys: an event outlives what it tells of.
  await db.schema
    .createTable('events')
    .addColumn('seq', 'integer', sequence)
    .addColumn('team_id', 'text', required)
    .addColumn('model_id', 'text')
    .addColumn('version', 'integer')
    .addColumn('kind', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('user_id', 'text', required)
    .addColumn('api_key_id', 'text', required)
    .addColumn('details', 'text', required)
    .execute()
  await db.schema.createIndex('events_of_model').on('events').columns(['model_id', 'seq']).execute()
  await db.schema.createIndex('events_of_team').on('events').columns(['team_id', 'seq']).execute()
  await db.schema
    .createTable('jobs')
    .addColumn('seq', 'integer', sequence)
    .addColumn('kind', 'text', required)
    .addColumn('subject', 'text', required)
    .addColumn('run_at', 'bigint', required)
    .addColumn('attempts', 'integer', flag)
    .addColumn('revision', 'integer', flag)
    .addColumn('created_at', 'bigint', required)
    .addUniqueConstraint('jobs_once', ['kind', 'subject'])
    .execute()
  await db.schema.createIndex('jobs_due').on('jobs').column('run_at').execute()
  await db.schema
    .createTable('holds')
    .addColumn('name', 'text', column => column.primaryKey())
    .addColumn('until', 'bigint', required)
    .execute()
}
