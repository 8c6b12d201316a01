/** Databases that were not made for us: another locale, no right to create extensions, numbers that no double can hold. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { PostgresqlDatabase } from '../../../src/metadata/postgresql/postgresql-database.ts'
import { postgresqlServer } from '../../support/databases.ts'
import { createDatabase, dropDatabase, runSql } from '../../support/postgresql-databases.ts'
import { type Caller, startRegistry } from '../../support/registry.ts'

interface TemporaryDatabase extends AsyncDisposable {
  url: string
}

async function temporaryDatabase(options = ''): Promise<TemporaryDatabase> {
  const url = await createDatabase(postgresqlServer() ?? '', options)
  return { url, [Symbol.asyncDispose]: () => dropDatabase(url) }
}

async function listAll(caller: Caller, path: string): Promise<Array<Record<string, unknown>>> {
  const items = []
  let after = ''
  for (;;) {
    const page = (await caller.get(`${path}?limit=2${after}`)).json()
    items.push(...page.items)
    if (!page.hasMore) return items
    after = `&after=${encodeURIComponent(page.nextPage)}`
  }
}

test.for([
  ['ICU', "locale_provider icu icu_locale 'en-US'"],
  ['ICU without regard to case', "locale_provider icu icu_locale 'und-u-ks-level2'"],
])('a database with the locale of %s lists by bytes and finds text as it is', async ([, options]) => {
  await using database = await temporaryDatabase(options)
  await using registry = await startRegistry({ HOLOTYPE_DATABASE_URL: database.url })
  const { writer } = registry
  // Not how the locale sorts them: it has "_" before digits, small letters by their large ones, and the accent by its letter.
  const paths = ['10', '9', 'B', 'Z/1', 'Z/a', '_', 'a', 'é', '\u{1f600}']
  const { id } = (await writer.post('/models', { name: 'Ünïcode Résumé' })).json()
  await writer.post(`/models/${id}/versions`)
  const version = `/models/${id}/versions/1`
  for (const path of paths.toReversed()) {
    const url = `${version}/files/${path.split('/').map(encodeURIComponent).join('/')}`
    expect((await writer.put(url, path)).statusCode).toBe(200)
  }
  const files = await listAll(writer, `${version}/files`)
  expect(files.map(file => file['path'])).toEqual(paths)
  const { digest } = (await writer.put(version, { isCommitted: true })).json()
  const lines = files.map(({ sha256, size, path }) => `${sha256}  ${size}  ${path}\n`).join('')
  expect(digest).toBe(createHash('sha256').update(lines).digest('hex'))
  await writer.put(`/models/${id}/aliases/prod`, { version: '1' })
  expect((await writer.get(`/models/${id}/aliases/PROD`)).statusCode).toBe(404)
  const other = await writer.post('/models', { name: 'ünïcode résumé', uniqueName: true })
  expect(other.statusCode).toBe(200)
  expect((await writer.get('/models?name=%C3%9Cn%C3%AFcode%20R%C3%A9sum%C3%A9')).json().items).toHaveLength(1)
  expect((await writer.get('/models?search=R%C3%89SUM')).json().items).toHaveLength(2)
})

test('a number that no double can hold fails loudly', async () => {
  await using database = await temporaryDatabase()
  await using registry = await startRegistry({ HOLOTYPE_DATABASE_URL: database.url })
  const { writer } = registry
  const { id } = (await writer.post('/models', { name: 'm' })).json()
  await writer.post(`/models/${id}/versions`)
  const version = `/models/${id}/versions/1`
  await writer.put(`${version}/files/f`, 'bytes')
  const largest = Number.MAX_SAFE_INTEGER
  await runSql(database.url, 'update blobs set size = $1', [String(largest)])
  expect((await writer.get(`${version}/files`)).json().items).toMatchObject([{ size: largest }])
  await runSql(database.url, 'update blobs set size = $1', [String(BigInt(largest) + 2n)])
  expect((await writer.get(`${version}/files`)).statusCode).toBe(500)
  await using db = await attach(database.url)
  await expect(db.value.read.selectFrom('blobs').selectAll().execute()).rejects.toThrow(/9007199254740993.*no number/)
  // The sum of two sizes is checked as well.
  await runSql(database.url, 'update blobs set size = $1', [String(largest)])
  await runSql(
    database.url,
    `insert into blobs select 'blother', team_id, storage_provider_id, size, 'other', 0, 0
    from blobs`,
  )
  const sum = db.value.read.selectFrom('blobs').select(eb => eb.fn.sum<number>('size').as('sum'))
  await expect(sum.execute()).rejects.toThrow(/no number/)
  // The connections are as good as before.
  expect((await writer.get('/models')).statusCode).toBe(200)
})

async function attach(url: string) {
  const value = await PostgresqlDatabase.open(url, { attach: true })
  return { value, [Symbol.asyncDispose]: () => value.close() }
}

test('without the right to create extensions everything works, and a search looks at the rows', async () => {
  await using database = await temporaryDatabase()
  const role = `poor_${new URL(database.url).pathname.slice(3)}`
  await runSql(database.url, `create role ${role} login`)
  await runSql(database.url, `grant usage, create on schema public to ${role}`)
  const url = new URL(database.url)
  url.username = role
  {
    await using registry = await startRegistry({ HOLOTYPE_DATABASE_URL: url.href })
    const { writer } = registry
    for (const name of ['ResNet 50', 'resnet 101', 'BERT']) await writer.post('/models', { name })
    const found = await listAll(writer, '/models')
    expect(found).toHaveLength(3)
    const { items } = (await writer.get('/models?search=RESNET')).json()
    expect(items.map(({ name }: { name: string }) => name)).toEqual(['resnet 101', 'ResNet 50'])
  }
  expect(await runSql(database.url, `select 1 from pg_extension where extname = 'pg_trgm'`)).toEqual([])
  await using db = await attach(url.href)
  expect(db.value.hasSearchIndex).toBe(false)
})
