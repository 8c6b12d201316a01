/** Every list and every read on a hot way finds its rows through an index, so that it costs the same with a thousand rows or a million. */
import { DatabaseSync } from 'node:sqlite'
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import type { Job } from '../../../src/domain/job.ts'
import type { Model } from '../../../src/domain/model.ts'
import * as aliases from '../../../src/metadata/aliases.ts'
import * as apiKeys from '../../../src/metadata/api-keys.ts'
import * as blobs from '../../../src/metadata/blobs.ts'
import type { Transaction } from '../../../src/metadata/database.ts'
import * as events from '../../../src/metadata/events.ts'
import * as files from '../../../src/metadata/files.ts'
import * as idempotencyKeys from '../../../src/metadata/idempotency-keys.ts'
import * as jobs from '../../../src/metadata/jobs.ts'
import { migrate } from '../../../src/metadata/migrate.ts'
import * as modelLists from '../../../src/metadata/model-lists.ts'
import * as models from '../../../src/metadata/models.ts'
import * as projects from '../../../src/metadata/projects.ts'
import { SqliteConnection, transactionOn } from '../../../src/metadata/sqlite/sqlite-driver.ts'
import { sqliteMigrations } from '../../../src/metadata/sqlite/sqlite-migrations.ts'
import * as storageProviders from '../../../src/metadata/storage-providers.ts'
import * as teams from '../../../src/metadata/teams.ts'
import * as uploadParts from '../../../src/metadata/upload-parts.ts'
import * as uploads from '../../../src/metadata/uploads.ts'
import * as users from '../../../src/metadata/users.ts'
import * as versionTags from '../../../src/metadata/version-tags.ts'
import * as versions from '../../../src/metadata/versions.ts'

const first = { order: 'desc', limit: 50, after: undefined } as const
const next = { order: 'desc', limit: 50, after: 1000 } as const
const nextText = { order: 'asc', limit: 50, after: 'a/b' } as const
const version = { modelId: 'mo0', number: 1 }
const blob = { id: 'bl0', teamId: 'te0', storageProviderId: 'sp0', size: 1, sha256: 'ab' }
const model: Model = {
  id: 'mo0',
  teamId: 'te0',
  name: 'resnet',
  description: null,
  isPublic: false,
  projectId: null,
  storageProviderId: null,
  createdAt: 1,
  modifiedAt: 1,
}
const job: Job = {
  id: 1,
  kind: 'reclaim-blobs',
  key: 'all',
  payload: {},
  attempts: 1,
  revision: 0,
  lease: 'l',
}
const idempotencyKey = { apiKeyId: 'ak0', key: 'k', fingerprint: 'ab', at: 1, before: 0 }

const QUERIES: Record<string, (trx: Transaction) => Promise<unknown>> = {
  'the key of a request': trx => apiKeys.findApiKey(trx, 'ak0'),
  'the key of a change': trx => apiKeys.shareApiKey(trx, 'ak0'),
  'a request with an Idempotency-Key': trx => idempotencyKeys.takeIdempotencyKey(trx, idempotencyKey),
  'its repetition': async trx => {
    await idempotencyKeys.takeIdempotencyKey(trx, idempotencyKey)
    await idempotencyKeys.takeIdempotencyKey(trx, idempotencyKey)
  },
  'its result': trx => idempotencyKeys.keepIdempotentResult(trx, { ...idempotencyKey, result: '{}' }),
  'Idempotency-Keys that are too old': trx => idempotencyKeys.deleteOldIdempotencyKeys(trx, 1, 10),
  'a model': trx => models.findModel(trx, 'mo0'),
  'a model to change': trx => models.lockModel(trx, 'mo0'),
  'who owns a name': trx => models.findNameOwner(trx, 'te0', 'resnet'),
  'a name for a model': trx => models.claimName(trx, model),
  'a change of a model': trx => models.updateModel(trx, model),
  'the end of a model': trx => models.markModelDeleted(trx, 'mo0', 1),
  'the models of a team': trx => modelLists.listModels(trx, { teamId: 'te0' }, first),
  'more models of a team': trx => modelLists.listModels(trx, { teamId: 'te0' }, next),
  'the models of a project': trx => modelLists.listModels(trx, { teamId: 'te0', projectId: 'pr0' }, next),
  'the models of a name': trx => modelLists.listModels(trx, { teamId: 'te0', name: 'resnet' }, next),
  'the owner of a name in a list': trx =>
    modelLists.listModels(trx, { teamId: 'te0', name: 'r', ownsName: true }, next),
  'the models that match a search': trx => modelLists.listModels(trx, { teamId: 'te0', search: 'resnet' }, next),
  'the models that match a short search': trx => modelLists.listModels(trx, { teamId: 'te0', search: 're' }, next),
  'the models with a tag': trx => modelLists.listModels(trx, { teamId: 'te0', tag: 'best' }, next),
  'the models with a tag that match a search': trx =>
    modelLists.listModels(trx, { teamId: 'te0', tag: 'best', search: 'resnet' }, next),
  'tags of a model to remove': trx => versionTags.deleteSomeModelTags(trx, 'mo0', 300),
  'a version by number': trx => versions.findVersion(trx, 'mo0', 1),
  'a version by alias': trx => versions.findVersionByAlias(trx, 'mo0', 'production'),
  'the latest version': trx => versions.findLatestVersion(trx, 'mo0'),
  'the versions of a model': trx => versions.listVersions(trx, { modelId: 'mo0', committedOnly: false }, next),
  'the committed versions': trx => versions.listVersions(trx, { modelId: 'mo0', committedOnly: true }, next),
  'the versions with a tag': trx =>
    versions.listVersions(trx, { modelId: 'mo0', committedOnly: false, tag: 'best' }, next),
  'the tags of a version': trx => versionTags.deleteVersionTags(trx, 'mo0', 1),
  'all version numbers': trx => versions.listAllVersionNumbers(trx, 'mo0', 100),
  'the next version number': trx => models.takeVersionNumber(trx, 'mo0').catch(() => {}),
  'a change of a draft': trx => versions.countDraftChange(trx, version, { files: 1, bytes: 1, at: 1 }),
  'a file': trx => files.findFile(trx, version, 'a/b'),
  'the files of a version': trx => files.listFiles(trx, version, { ...nextText, after: undefined }),
  'more files of a version': trx => files.listFiles(trx, version, nextText),
  'a clash of paths': trx => files.findClashingPath(trx, version, { path: 'a/b', key: 'a/b', folderKeys: ['a'] }),
  'some files to remove': trx => files.deleteSomeFiles(trx, version, 500),
  'an alias': trx => aliases.findAlias(trx, 'mo0', 'production'),
  'the alias of a version': trx => aliases.findAliasOfVersion(trx, 'mo0', 1),
  'the aliases of a model': trx => aliases.listAliases(trx, 'mo0', next),
  'some aliases to remove': trx => aliases.deleteSomeAliases(trx, 'mo0', 300),
  'the time of the newest event': trx => events.findLatestEventTime(trx),
  'the events of a model': trx => events.listModelEvents(trx, { modelId: 'mo0' }, next),
  'the events of a version': trx => events.listModelEvents(trx, { modelId: 'mo0', version: 1 }, next),
  'the events of a team': trx => events.listTeamEvents(trx, { teamId: 'te0' }, next),
  'the events of a kind': trx => events.listTeamEvents(trx, { teamId: 'te0', kind: 'model.create' }, next),
  'the events of a user': trx => events.listTeamEvents(trx, { teamId: 'te0', userId: 'us0' }, next),
  'the events of an alias': trx => events.listTeamEvents(trx, { teamId: 'te0', alias: 'production' }, next),
  'a blob by its content': trx => blobs.findBlobByContent(trx, blob),
  'the damaged blobs of a content': trx => blobs.replaceDamagedBlobs(trx, blob),
  'blobs that lost a reference': trx => blobs.markBlobsUnreferenced(trx, ['bl0', 'bl1'], 1),
  'blobs whose grace time is over': trx => blobs.takeUnreferencedBlobs(trx, 1, 200),
  'the oldest unreferenced blob': trx => blobs.findOldestUnreferenced(trx),
  'the known among some blobs': trx => blobs.filterKnownBlobs(trx, ['bl0', 'bl1']),
  'the next blobs to verify': trx => blobs.listBlobsAfter(trx, 'bl0', 50),
  'a blob that was found intact': trx => blobs.markBlobIntact(trx, blob),
  'the files that refer to a blob': trx => blobs.listBlobUses(trx, 'bl0', 20),
  'the bytes of a team': trx => blobs.sumBlobSizes(trx, 'te0'),
  'the end of an upload': trx => uploads.deleteUpload(trx, 'up0'),
  'uploads that are alive': trx => uploads.renewUploads(trx, ['up0', 'up1'], 1),
  'requests whose time is over': trx => uploads.takeExpiredReceptions(trx, 1, 100),
  'uploads in parts whose time is over': trx => uploads.listExpiredOpenUploads(trx, 1, 100),
  'uploads that ended long ago': trx => uploads.deleteEndedUploads(trx, 1, 100),
  'an upload in parts': trx => uploads.findPartedUpload(trx, 'up0'),
  'the uploads into a draft': trx => uploads.listPartedUploads(trx, { modelId: 'mo0', number: 1 }, next),
  'the uploads of a version that goes': trx => uploads.expireUploadsOf(trx, 'mo0', 1, 1),
  'a part that is claimed': trx => uploadParts.claimPart(trx, { uploadId: 'up0', number: 1, claim: 'c' }),
  'the parts of an upload': trx => uploadParts.listReceivedParts(trx, 'up0', next),
  'how many parts have been received': trx => uploadParts.countReceivedParts(trx, 'up0'),
  'a job that is queued': trx => jobs.enqueueJobs(trx, [job], 1),
  'a job to take': trx => jobs.leaseJob(trx, { kind: job.kind, lease: 'l', at: 1, until: 2 }),
  'a lease to renew': trx => jobs.renewLease(trx, job, 2),
  'a job that is done': trx => jobs.deleteJob(trx, job),
  'a job to run later': trx => jobs.postponeJob(trx, job, { runAt: 2, now: 1, attempts: 0 }),
  'when the next job is due': trx => jobs.findNextRunAt(trx, job.kind),
  'a project': trx => projects.findProject(trx, 'pr0'),
  'the projects of a team': trx => projects.listProjects(trx, 'te0', next),
  'a user': trx => users.findUser(trx, 'us0'),
  'the users of a team': trx => users.listUsers(trx, 'te0', next),
  'the keys of a team': trx => apiKeys.listApiKeys(trx, 'te0', next),
  'the admin keys of a team': trx => apiKeys.countAdminKeys(trx, 'te0', 1),
  'a storage provider': trx => storageProviders.findStorageProvider(trx, 'sp0'),
  'the default storage provider': trx => storageProviders.getDefaultStorageProvider(trx, 'te0').catch(() => {}),
  'the storage providers of a team': trx => storageProviders.listStorageProviders(trx, 'te0', next),
  'a team': trx => teams.findTeam(trx, { id: 'te0' }),
  'a team by its namespace': trx => teams.findTeam(trx, { namespace: 'n' }),
  'the first user of a team': trx => users.shareFirstUser(trx, 'te0'),
  'the teams': trx => teams.listTeams(trx, next),
}

/** What looks slow and is not, or may be. */
const ALLOWED: Record<string, string> = {
  // Goes along the table from its end and stops at the first row.
  'the time of the newest event': 'SCAN events',
  // Only in a report of damage.
  'the files that refer to a blob': 'USE TEMP B-TREE FOR ORDER BY',
}

let database: DatabaseSync

/** Something that each query finds, so that those which follow from an answer are asked too. */
const ROWS = `
  INSERT INTO teams (id, namespace, created_at) VALUES ('te0', 'team', 1);
  INSERT INTO users (id, team_id, name, created_at) VALUES ('us0', 'te0', 'u', 1);
  INSERT INTO storage_providers (id, team_id, name, kind, is_team_default, created_at) VALUES ('sp0', 'te0', 's', 'local', 1, 1);
  INSERT INTO models (id, team_id, name, is_public, created_at, modified_at, last_version, owned_name, search_text)
    VALUES ('mo0', 'te0', 'resnet', 0, 1, 1, 1, 'resnet', 'resnet');
  INSERT INTO models_search (rowid, search_text) SELECT 1 << 40 | seq, search_text FROM models;
  INSERT INTO versions (model_id, number, user_id, tags, created_at, modified_at, file_count, usage_bytes)
    VALUES ('mo0', 1, 'us0', '["best"]', 1, 1, 1, 1);
  INSERT INTO version_tags (model_id, number, tag) VALUES ('mo0', 1, 'best');
  INSERT INTO model_tags (team_id, tag, model_seq, model_id) VALUES ('te0', 'best', 1, 'mo0');
  INSERT INTO blobs (id, team_id, storage_provider_id, size, sha256, created_at, verified_at, unreferenced_at, damaged_at)
    VALUES ('bl0', 'te0', 'sp0', 1, 'ab', 1, 1, 1, NULL), ('bl1', 'te0', 'sp0', 1, 'ab', 1, 1, 1, 1);
  INSERT INTO files (model_id, number, path, path_key, blob_id, content_type, created_at)
    VALUES ('mo0', 1, 'a', 'a', 'bl0', '', 1);`

beforeAll(async () => {
  database = new DatabaseSync(':memory:')
  await migrate(sqliteMigrations(database))
  database.exec(ROWS)
  return () => database.close()
})

test.for(Object.entries(QUERIES))('%s: through an index, and sorted by it', async ([name, query]) => {
  const recorder = new RecordingConnection(new SqliteConnection(database))
  database.exec('BEGIN')
  try {
    await query(transactionOn(recorder))
  } finally {
    database.exec('ROLLBACK')
  }
  expect(recorder.queries.length).toBeGreaterThan(0)
  for (const { sql } of recorder.queries) {
    const steps = explain(sql)
    const slow = steps.filter(step => isSlow(step) && step !== ALLOWED[name])
    expect(slow, `${sql}\n${steps.join('\n')}`).toEqual([])
  }
})

test('a query that reads or sorts a whole table would be noticed', () => {
  expect(explain('SELECT * FROM events WHERE address = 1').some(isSlow)).toBe(true)
  expect(
    explain('SELECT * FROM models WHERE team_id = 1 AND deleted_at IS NULL ORDER BY created_at').some(isSlow),
  ).toBe(true)
})

function explain(sql: string): string[] {
  const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
  return steps.map(row => String(row['detail']))
}

function isSlow(step: string): boolean {
  // A virtual table is always called scanned; whether by an index of its own, its name for it says.
  if (/^SCAN \w+ VIRTUAL TABLE INDEX \d+:.*(M\d|=)/.test(step)) return false
  // How a subquery finds its rows is told by steps of its own.
  if (step.startsWith('SCAN (subquery-')) return false
  return /\bTEMP B-TREE\b|^SCAN |AUTOMATIC/.test(step) && !step.startsWith('SCAN CONSTANT ROW')
}

class RecordingConnection implements DatabaseConnection {
  readonly queries: CompiledQuery[] = []
  readonly #connection: SqliteConnection

  constructor(connection: SqliteConnection) {
    this.#connection = connection
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    this.queries.push(query)
    return this.#connection.executeQuery<R>(query)
  }

  streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    this.queries.push(query)
    return this.#connection.streamQuery<R>(query)
  }
}
