/** Compares a registry that has started again with what it must show. Throws at the first thing that is wrong. */
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { queryDatabase } from '../support/databases.ts'
import type { Client } from './client.ts'
import {
  addVersion,
  type Expectation,
  type ExpectedModel,
  type ExpectedVersion,
  expectedModel,
  fileOf,
  settle,
  type VersionState,
} from './expectation.ts'

interface ListedVersion {
  version: string
  isCommitted: boolean
  digest: string | null
  fileCount: number
  usageBytes: string
}

interface ListedFile {
  path: string
  size: number
  sha256: string
}

/** @param everything also versions that nobody has touched since they were last looked at. */
export async function inspect(client: Client, expectation: Expectation, everything: boolean): Promise<void> {
  await inspectModels(client, expectation)
  for (const model of expectation.models.values()) {
    const listed = await inspectVersions(client, model)
    await inspectAlias(client, model)
    for (const version of model.versions.values()) {
      const shown = listed.get(version.number)
      if (shown && (everything || version.isTouched)) await inspectFiles(client, model, version, shown)
    }
  }
}

async function inspectModels(client: Client, { models, unanswered }: Expectation): Promise<void> {
  const listed = await client.list<{ id: string; name: string }>('/models')
  for (const { id, name } of listed) {
    if (models.has(id)) continue
    if (!unanswered.delete(name)) throw new Error(`nobody has created the model ${id} "${name}"`)
    models.set(id, expectedModel(id, name))
  }
  unanswered.clear()
  const ids = new Set(listed.map(({ id }) => id))
  for (const id of models.keys()) if (!ids.has(id)) throw new Error(`the model ${id} is lost`)
}

async function inspectVersions(client: Client, model: ExpectedModel): Promise<Map<number, ListedVersion>> {
  const listed = await client.list<ListedVersion>(`/models/${model.id}/versions`)
  const byNumber = new Map(listed.map(version => [Number(version.version), version]))
  for (const number of byNumber.keys()) {
    if (model.versions.has(number)) continue
    if (!model.mayHaveOneMore) throw new Error(`nobody has created version ${number} of ${model.id}`)
    model.mayHaveOneMore = false
    addVersion(model, number)
  }
  model.mayHaveOneMore = false
  for (const { number, state } of model.versions.values()) {
    settle<VersionState>(state, stateOf(byNumber.get(number)), `version ${number} of ${model.id}`)
  }
  return byNumber
}

function stateOf(version: ListedVersion | undefined): VersionState {
  if (!version) return 'deleted'
  return version.isCommitted ? 'committed' : 'draft'
}

async function inspectAlias(client: Client, model: ExpectedModel): Promise<void> {
  const alias = await client.find<{ version: string }>(`/models/${model.id}/aliases/production`)
  settle(model.alias, alias && Number(alias.version), `the alias of ${model.id}`)
}

async function inspectFiles(
  client: Client,
  model: ExpectedModel,
  version: ExpectedVersion,
  shown: ListedVersion,
): Promise<void> {
  const url = `/models/${model.id}/versions/${version.number}`
  const files = await client.list<ListedFile>(`${url}/files`)
  const listed = new Map(files.map(file => [file.path, file]))
  for (const path of new Set([...version.files.keys(), ...listed.keys()])) {
    settle(fileOf(version, path), listed.get(path)?.sha256, `${path} in version ${version.number} of ${model.id}`)
  }
  const sizes = files.reduce((sum, { size }) => sum + size, 0)
  mustEqual([shown.fileCount, Number(shown.usageBytes)], [files.length, sizes], `the counts of ${url}`)
  const digest = shown.isCommitted ? digestOf(files) : null
  mustEqual(shown.digest, digest, `the digest of ${url}`)
  if (digest !== null && version.digest !== undefined)
    mustEqual(version.digest, digest, `the answered digest of ${url}`)
  for (const { path, size, sha256 } of files) {
    const bytes = await client.download(`${url}/files/${path}`)
    mustEqual([bytes.length, hash(bytes)], [size, sha256], `the bytes of ${url}/files/${path}`)
  }
  version.isTouched = false
}

/** As docs promise it, and as anyone can compute it from a listing. */
function digestOf(files: ListedFile[]): string {
  const sorted = files.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
  return hash(sorted.map(({ sha256, size, path }) => `${sha256}  ${size}  ${path}\n`).join(''))
}

/** Once the jobs are done nothing half-written is left, and there are just the bytes that have a row. */
export async function inspectDisk(dataDir: string): Promise<void> {
  await untilNoJobIsDue(dataDir)
  mustEqual(await readdir(join(dataDir, 'tmp')), [], 'the staging directory')
  const rows = await queryDatabase<{ id: string }>(dataDir, 'SELECT id FROM blobs')
  const names = await readdir(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true })
  // The store's own file says which installation it belongs to.
  const stored = names.filter(entry => entry.isFile() && entry.name !== 'instance').map(entry => entry.name)
  mustEqual(stored.sort(), rows.map(row => row.id).sort(), 'the blobs on disk')
}

async function untilNoJobIsDue(dataDir: string): Promise<void> {
  let due: object[] = []
  for (let look = 0; look < 2000; look += 1) {
    const jobs = await queryDatabase<{ run_at: number; attempts: number }>(dataDir, 'SELECT * FROM jobs')
    due = jobs.filter(job => Number(job.attempts) > 0 || Number(job.run_at) <= Date.now())
    if (due.length === 0) return
    await wait(5)
  }
  throw new Error(`jobs are left over: ${JSON.stringify(due)}`)
}

function mustEqual(actual: unknown, expected: unknown, what: string): void {
  const [is, must] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (is !== must) throw new Error(`${what}: ${is}, and must be ${must}`)
}

function hash(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
