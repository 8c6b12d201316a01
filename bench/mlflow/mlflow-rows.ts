/** Fills MLflow's database: one model, version and alias by its API, all others as copies of their rows, since its API would take many minutes. */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { ALIAS, type Amounts, BIG, descriptionOf, nameOf } from './contender.ts'

export async function fillMlflow(api: string, databaseFile: string, amounts: Amounts): Promise<void> {
  const first = nameOf(0, amounts)
  await post(`${api}/registered-models/create`, { name: first, description: descriptionOf(0) })
  await post(`${api}/model-versions/create`, { name: first, source: sourceOf(first, 1), description: 'version 1' })
  await post(`${api}/registered-models/alias`, { name: first, alias: ALIAS, version: '1' })
  const database = new DatabaseSync(databaseFile, { timeout: 10_000 })
  try {
    database.exec('BEGIN IMMEDIATE')
    const copyModel = copyOf(database, 'registered_models', ['name', 'description'])
    const copyVersion = copyOf(database, 'model_versions', [
      'name',
      'version',
      'source',
      'storage_location',
      'description',
    ])
    const copyAlias = copyOf(database, 'registered_model_aliases', ['name'])
    const addVersions = (name: string, { from, to }: { from: number; to: number }) => {
      for (let version = from; version <= to; version++) {
        const source = sourceOf(name, version)
        copyVersion.run({ name, version, source, storage_location: source, description: `version ${version}`, first })
      }
    }
    addVersions(first, { from: 2, to: amounts.versions })
    for (let index = 1; index < amounts.models; index++) {
      const name = nameOf(index, amounts)
      copyModel.run({ name, description: descriptionOf(index), first })
      addVersions(name, { from: 1, to: amounts.versions })
      copyAlias.run({ name, first })
    }
    copyModel.run({ name: BIG, description: 'the large one', first })
    addVersions(BIG, { from: 1, to: amounts.big })
    copyAlias.run({ name: BIG, first })
    database.exec('COMMIT')
  } finally {
    database.close()
  }
}

/** Any text with `s3://`: MLflow asks for a run where a version has its bytes in the server's own artifacts. */
export function sourceOf(name: string, version: number): string {
  return `s3://bench/${name}/${version}`
}

/** A statement that copies the first model's, or its first version's, row with other values in some columns. */
function copyOf(database: DatabaseSync, table: string, changed: string[]): StatementSync {
  const columns = database
    .prepare(`PRAGMA table_info(${table})`)
    .all()
    .map(({ name }) => String(name))
  const values = columns.map(column => (changed.includes(column) ? `:${column}` : column))
  const isFirst = columns.includes('version') ? 'name = :first AND version = 1' : 'name = :first'
  return database.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ${table} WHERE ${isFirst}`,
  )
}

async function post(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (response.status !== 200) throw new Error(`POST ${url}: ${response.status} ${await response.text()}`)
}
