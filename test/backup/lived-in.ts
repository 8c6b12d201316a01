/** A registry in which there is something in every table, and all that can be read of it through the API. */
import { expect, vi } from 'vitest'
import type { App } from '../../src/app.ts'
import type { Database } from '../../src/metadata/database.ts'
import type { Caller, TestRegistry } from '../support/registry.ts'

export const REPEATED = { 'idempotency-key': 'the same request' }

/** Names in several scripts, one composed and one not, and one that sorts differently by language and by bytes. */
const NAMES = ['resnet', 'Ünïcode-模型', 're\u0301sume\u0301', 'Zebra', 'öl', '🤖 robot']

export interface LivedIn {
  modelId: string
  /** Made with the key `REPEATED`. */
  repeatedId: string
}

export async function liveIn({ admin, writer, app }: TestRegistry): Promise<LivedIn> {
  const project = await make(admin, '/projects', { name: 'Prüfung' })
  // A number that no row has any more: it is not given out again, in the copy neither.
  const dropped = await make(admin, '/projects', { name: 'dropped' })
  await ok(admin.delete(`/projects/${dropped.id}`))
  await make(admin, '/users', { name: 'Zoë', email: 'zoe@example.com' })
  const ids: string[] = []
  for (const name of NAMES) {
    ids.push((await make(writer, '/models', { name, description: `über ${name}`, projectId: project.id })).id)
  }
  await make(writer, '/models', { name: NAMES[0] })
  const [modelId = ''] = ids
  for (const version of ['1', '2']) await makeVersion(writer, modelId, version)
  await make(writer, `/models/${modelId}/versions`, { message: 'a draft' })
  await ok(writer.put(`/models/${modelId}/versions/3/files/draft.bin`, 'draft'))
  const { id: repeatedId } = await ok(writer.post('/models', { name: 'once' }, REPEATED))
  // The newest of all: the numbers of the copy must not go back behind it.
  const gone = await make(writer, '/models', { name: 'gone' })
  await ok(writer.delete(`/models/${gone.id}`))
  // Its rows go in the background; a reader of the tables finds them at rest.
  await vi.waitFor(() => requireReclaimed(app, gone.id), { timeout: 20_000, interval: 10 })
  return { modelId, repeatedId }
}

async function makeVersion(writer: Caller, modelId: string, version: string): Promise<void> {
  const path = `/models/${modelId}/versions/${version}`
  await make(writer, `/models/${modelId}/versions`, { message: `Lauf ${version}`, tags: `nightly,äpfel-${version}` })
  await ok(writer.put(`${path}/files/weights.bin`, `weights ${version}`))
  await ok(writer.put(`${path}/files/${encodeURIComponent('config/ä.json')}`, '{}'))
  await ok(writer.put(path, { isCommitted: true, metadata: { loss: 0.25, note: '—' } }))
  await ok(writer.put(`/models/${modelId}/aliases/production`, { version }))
}

async function requireReclaimed({ registry, worker }: App, id: string): Promise<void> {
  await worker.processDue()
  const { read } = registry.db
  expect(await read.selectFrom('models').select('id').where('id', '=', id).execute()).toEqual([])
  expect(await read.selectFrom('jobs').select('kind').where('kind', '=', 'reclaim-model').execute()).toEqual([])
}

/** What the processes that use the database leave in it while they run. */
export async function leaveTraces(db: Database): Promise<void> {
  await db.transaction(async trx => {
    await trx.insertInto('holds').values({ name: 'backup-killed', until: 4e12 }).execute()
    const job = { key: 'k', payload: '{}', run_at: 4e12, created_at: 1 }
    await trx
      .insertInto('jobs')
      .values({ ...job, kind: 'sweep-orphans', lease: 'of a worker', attempts: 3 })
      .execute()
    const { id: team_id } = await trx.selectFrom('teams').select('id').orderBy('seq').executeTakeFirstOrThrow()
    const ids = { team_id, model_id: 'm', storage_provider_id: 's', user_id: 'u', api_key_id: 'a' }
    await trx
      .insertInto('uploads')
      .values({ ...ids, id: 'up1', number: 1, path: 'p', blob_id: 'bl1', created_at: 1, expires_at: 2 })
      .execute()
  })
}

/** Every answer that is about what `liveIn` has made. The API keys are left out: they note their use. */
export async function readEverything(
  caller: Pick<Caller, 'get'>,
  { modelId }: LivedIn,
): Promise<Record<string, unknown>> {
  const model = `/models/${modelId}`
  const search = encodeURIComponent('模型')
  const paths = [
    '/models',
    '/models?name=resnet',
    `/models?search=ber%20%C3%BC`,
    `/models?search=${search}`,
    '/models?search=sum%C3%A9',
    '/models?tag=%C3%A4pfel-2',
    '/projects',
    '/users',
    '/storage-providers',
    model,
    `${model}/versions`,
    `${model}/versions?tag=nightly`,
    `${model}/aliases`,
    `${model}/events?limit=100`,
    '/events?kind=model.create&limit=100',
    ...['1', '2', '3', 'latest', 'production'].map(version => `${model}/versions/${version}`),
    ...['1', '2', '3'].map(version => `${model}/versions/${version}/files`),
  ]
  const answers: Record<string, unknown> = {}
  for (const path of paths) answers[path] = await ok(caller.get(path))
  for (const path of ['weights.bin', 'config%2F%C3%A4.json']) {
    const answer = await caller.get(`${model}/versions/production/files/${path}`)
    expect(answer.statusCode, answer.body).toBe(200)
    answers[path] = answer.body
  }
  return answers
}

async function make(caller: Caller, path: string, body: object): Promise<{ id: string }> {
  return await ok(caller.post(path, body))
}

async function ok(answering: ReturnType<Caller['get']>) {
  const answer = await answering
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}
