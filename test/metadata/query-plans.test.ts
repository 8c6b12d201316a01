/** Every list and every read on a hot way finds its rows through an index, so that it costs the same with a thousand rows or a million. */
import { DatabaseSync } from 'node:sqlite'
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import * as aliases from '../../src/metadata/aliases.ts'
import * as apiKeys from '../../src/metadata/api-keys.ts'
import * as blobs from '../../src/metadata/blobs.ts'
import type { Queryable } from '../../src/metadata/database.ts'
import * as events from '../../src/metadata/events.ts'
import * as files from '../../src/metadata/files.ts'
import * as jobs from '../../src/metadata/jobs.ts'
import { migrate } from '../../src/metadata/migrate.ts'
import * as models from '../../src/metadata/models.ts'
import * as projects from '../../src/metadata/projects.ts'
import { kyselyOn, SqliteConnection } from '../../src/metadata/sqlite/sqlite-driver.ts'
import * as storageProviders from '../../src/metadata/storage-providers.ts'
import * as teams from '../../src/metadata/teams.ts'
import * as users from '../../src/metadata/users.ts'
import * as versions from '../../src/metadata/versions.ts'

const first = { order: 'desc', limit: 50, after: undefined } as const
const next = { order: 'desc', limit: 50, after: 1000 } as const
const nextText = { order: 'asc', limit: 50, after: 'a/b' } as const
const version = { modelId: 'mo0', number: 1 }
const blob = { id: 'bl0', teamId: 'te0', storageProviderId: 'sp0', size: 1, sha256: 'ab' }

const QUERIES: Record<string, (db: Queryable) => Promise<unknown>> = {
  'the key of a request': db => apiKeys.findApiKey(db, 'ak0'),
  'a model': db => models.findModel(db, 'mo0'),
  'the models of a team': db => models.listModels(db, { teamId: 'te0' }, first),
  'more models of a team': db => models.listModels(db, { teamId: 'te0' }, next),
  'the models of a project': db => models.listModels(db, { teamId: 'te0', projectId: 'pr0' }, next),
  'the models of a name': db => models.listModels(db, { teamId: 'te0', name: 'resnet' }, next),
  'the models that match a search': db => models.listModels(db, { teamId: 'te0', search: 'res' }, next),
  'the models with a tag': db => models.listModels(db, { teamId: 'te0', tag: 'best' }, next),
  'a version by number': db => versions.findVersion(db, 'mo0', 1),
  'a version by alias': db => versions.findVersionByAlias(db, 'mo0', 'production'),
  'the latest version': db => versions.findLatestVersion(db, 'mo0'),
  'the versions of a model': db => versions.listVersions(db, { modelId: 'mo0', committedOnly: false }, next),
  'the committed versions': db => versions.listVersions(db, { modelId: 'mo0', committedOnly: true }, next),
  'the versions with a tag': db =>
    versions.listVersions(db, { modelId: 'mo0', committedOnly: false, tag: 'best' }, next),
  'all version numbers': db => versions.listAllVersionNumbers(db, 'mo0', 100),
  'the next version number': db => models.takeVersionNumber(db, 'mo0').catch(() => {}),
  'a change of a draft': db => versions.countDraftChange(db, version, { files: 1, bytes: 1, at: 1 }),
  'a file': db => files.findFile(db, version, 'a/b'),
  'the files of a version': db => files.listFiles(db, version, { ...nextText, after: undefined }),
  'more files of a version': db => files.listFiles(db, version, nextText),
  'a clash of paths': db => files.findClashingPath(db, version, { path: 'a/b', key: 'a/b', folderKeys: ['a'] }),
  'some files to remove': db => files.deleteSomeFiles(db, version, 500),
  'an alias': db => aliases.findAlias(db, 'mo0', 'production'),
  'the alias of a version': db => aliases.findAliasOfVersion(db, 'mo0', 1),
  'the aliases of a model': db => aliases.listAliases(db, 'mo0', next),
  'the events of a model': db => events.listModelEvents(db, 'mo0', next),
  'a blob by its content': db => blobs.findBlobByContent(db, blob),
  'the damaged blobs of a content': db => blobs.replaceDamagedBlobs(db, blob),
  'blobs that lost a reference': db => blobs.markBlobsUnreferenced(db, ['bl0', 'bl1'], 1),
  'blobs whose grace time is over': db => blobs.takeUnreferencedBlobs(db, 1, 200),
  'the oldest unreferenced blob': db => blobs.findOldestUnreferenced(db),
  'the known among some blobs': db => blobs.filterKnownBlobs(db, ['bl0', 'bl1']),
  'the next blobs to verify': db => blobs.listBlobsAfter(db, 'bl0', 50),
  'the files that stand on a blob': db => blobs.listBlobUses(db, 'bl0'),
  'the bytes of a team': db => blobs.sumBlobSizes(db, 'te0'),
  'a job to take': db => jobs.leaseJob(db, 1, 2),
  'when the next job is due': db => jobs.findNextRunAt(db),
  'a project': db => projects.findProject(db, 'pr0'),
  'the projects of a team': db => projects.listProjects(db, 'te0', next),
  'a user': db => users.findUser(db, 'us0'),
  'the users of a team': db => users.listUsers(db, 'te0', next),
  'the keys of a team': db => apiKeys.listApiKeys(db, 'te0', next),
  'whether a team has an admin key': db => apiKeys.hasAdminKey(db, 'te0', 1),
  'a storage provider': db => storageProviders.findStorageProvider(db, 'sp0'),
  'the default storage provider': db => storageProviders.getDefaultStorageProvider(db, 'te0').catch(() => {}),
  'the storage providers of a team': db => storageProviders.listStorageProviders(db, 'te0', next),
  'the teams': db => teams.listTeams(db, next),
}

/** These walk along a table or an index in the order they want and stop at their limit, which is no scan of the whole. */
const WALKS: Record<string, string> = {
  'when the next job is due': 'SCAN jobs USING COVERING INDEX jobs_due',
}

let database: DatabaseSync

beforeAll(async () => {
  database = new DatabaseSync(':memory:')
  await migrate(database)
  return () => database.close()
})

test.for(Object.entries(QUERIES))('%s: through an index, and sorted by it', async ([name, query]) => {
  const recorder = new RecordingConnection(new SqliteConnection(database))
  await query(kyselyOn(recorder))
  expect(recorder.queries.length).toBeGreaterThan(0)
  for (const { sql } of recorder.queries) {
    const steps = explain(sql)
    const slow = steps.filter(step => isSlow(step) && step !== WALKS[name])
    expect(slow, `${sql}\n${steps.join('\n')}`).toEqual([])
  }
})

test('a query that reads or sorts a whole table would be noticed', () => {
  expect(explain('SELECT * FROM events WHERE kind = 1').some(isSlow)).toBe(true)
  expect(
    explain('SELECT * FROM models WHERE team_id = 1 AND deleted_at IS NULL ORDER BY created_at').some(isSlow),
  ).toBe(true)
})

function explain(sql: string): string[] {
  const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
  return steps.map(row => String(row['detail']))
}

function isSlow(step: string): boolean {
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
