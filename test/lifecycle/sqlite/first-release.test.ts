/**
 * A data directory as the first release left it, killed in the middle of an upload and of the removal of a model. Everything in it is there
 * in this release, and what was under way goes on.
 */
import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../../src/app.ts'
import { readConfig } from '../../../src/config.ts'
import { databaseFile } from '../../../src/data-dir.ts'
import { CURRENT_STEP } from '../../../src/metadata/migrate.ts'
import { verifyBlobs } from '../../../src/registry/blobs/verify-blobs.ts'
import { knownIds, storedIds, temporaryDataDir } from '../../jobs/support.ts'
import { movableClock } from '../../support/clock.ts'
import { dumpDatabase } from '../../support/databases.ts'
import { finishJobs, waitingJobs } from '../../support/jobs.ts'
import { walk } from '../../support/lists.ts'
import { type Caller, startRegistry, type TestRegistry } from '../../support/registry.ts'
import { unpack } from '../../support/unpack.ts'

/** The keys that the first release gave out. */
const KEYS = {
  admin: `ht_ak0firstrelease_${'firstrelease'.repeat(4)}`,
  writer: 'ht_akyzjenuipv1zdd_yzWnatfgBow4D4rWU5WaehihOAcpZlvVGCRKauEv',
  reader: 'ht_akxszix3mnwelar_bQIbPmu8qFE3BQmE4DWX6AG3glfJDIT5xZAQlxPa',
  revoked: 'ht_aklwsixf2s47eu4_8AsN9MhOuSRHp1b1cyiwsBr6GHNsi3ZGW9Rz7yhb',
  secondTeam: 'ht_ako2x5bu3yu00t0_XURTE4UhZ4ONy2ZcEw0WSKsghq7eP6r2Jo3F6EAn',
}
const DOOMED = 'mohuq8pc2lui7au'
const DAY = 24 * 3_600_000

/** A time after all that is in the directory, whatever the clock of this machine says. */
function laterClock() {
  const clock = movableClock()
  clock.move(Math.max(0, Date.parse('2026-11-26T00:00:00Z') - Date.now()))
  return clock
}

async function unpackDataDir(): Promise<AsyncDisposable & { dataDir: string }> {
  const temporary = await temporaryDataDir()
  await unpack(new URL('first-release.tar.gz', import.meta.url), temporary.dataDir)
  return { ...temporary, dataDir: join(temporary.dataDir, 'first-release') }
}

describe('the upgrade', () => {
  test('happens at the first start; the second one changes nothing', async () => {
    await using old = await unpackDataDir()
    const { dataDir } = old
    const config = readConfig({ HOLOTYPE_DATA_DIR: dataDir, HOLOTYPE_LOG_LEVEL: 'silent' })
    expect(stepOf(dataDir)).toBe(1)
    const first = await createApp(config, { clock: laterClock() })
    const { instance } = first.registry
    expect(first.firstKey).toBe(undefined)
    await first.close()
    expect(stepOf(dataDir)).toBe(CURRENT_STEP)
    const upgraded = await dumpDatabase(dataDir)
    const second = await createApp(config, { clock: laterClock() })
    expect(second.registry.instance).toEqual(instance)
    expect(instance.id).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
    for (const store of second.registry.stores.shared) expect(await store.readInstanceId()).toBe(instance.id)
    await second.close()
    expect(await dumpDatabase(dataDir)).toBe(upgraded)
  })

  test('gives every copy of the directory an id of its own, since each is a registry from there on', async () => {
    const ids = []
    for (let copy = 0; copy < 2; copy += 1) {
      await using old = await unpackDataDir()
      await using app = await createApp(readConfig({ HOLOTYPE_DATA_DIR: old.dataDir, HOLOTYPE_LOG_LEVEL: 'silent' }))
      ids.push(app.registry.instance.id)
    }
    expect(new Set(ids).size).toBe(2)
  })
})

function stepOf(dataDir: string): unknown {
  const database = new DatabaseSync(databaseFile(dataDir))
  const step = database.prepare('PRAGMA user_version').get()?.['user_version']
  database.close()
  return step
}

describe('after the upgrade', () => {
  const clock = laterClock()
  let old: Awaited<ReturnType<typeof unpackDataDir>>
  let r: TestRegistry
  let writer: Caller
  let resnet: string
  beforeAll(async () => {
    old = await unpackDataDir()
    const env = { HOLOTYPE_DATA_DIR: old.dataDir, HOLOTYPE_ADMIN_KEY: KEYS.admin }
    r = await startRegistry(env, { clock })
    writer = r.as(KEYS.writer)
    resnet = (await owners('resnet'))[0]
  })
  afterAll(async () => {
    await r.close()
    await rm(old.dataDir, { recursive: true, force: true })
    await old[Symbol.asyncDispose]()
  })

  async function models(query: Record<string, unknown>, caller = writer): Promise<unknown[]> {
    return (await walk(caller, '/models', { order: 'asc', ...query })).map(({ description }) => description)
  }

  /** The ids of the models that own a name. */
  async function owners(name: string) {
    const found = await walk(writer, '/models', { name, ownsName: true })
    return found.map(({ id }) => id) as [string, ...string[]]
  }

  test('keys open what they opened, and the revoked one opens nothing', async () => {
    const session = async (key: string) => (await r.as(key).get('/auth/session')).json()
    expect(await session(KEYS.writer)).toMatchObject({ user: { email: 'trainer@example.org' } })
    expect((await r.as(KEYS.reader).get('/models')).statusCode).toBe(200)
    expect((await r.as(KEYS.reader).post('/models', { name: 'm' })).statusCode).toBe(403)
    expect((await r.as(KEYS.revoked).get('/models')).statusCode).toBe(401)
    expect((await r.as(KEYS.admin).post('/teams', { namespace: 'third' })).statusCode).toBe(200)
    expect((await session(KEYS.secondTeam)).team.namespace).toBe('second')
    const names = (await walk(r.admin, '/users')).map(({ name }) => name)
    expect(names).toEqual(['Trainer', 'admin'])
  })

  test('models are there, and names belong to the first that took them, in one form', async () => {
    expect(await models({})).toEqual([
      'Ein Modell für Straßen und Ampeln',
      'first, decomposed',
      'second, composed',
      'first',
      'second',
      'next',
    ])
    for (const name of ['modèle'.normalize('NFC'), 'modèle'.normalize('NFD')]) {
      expect(await models({ name })).toEqual(['first, decomposed', 'second, composed'])
      expect(await models({ name, ownsName: true })).toEqual(['first, decomposed'])
    }
    expect(await models({ name: 'twin', ownsName: true })).toEqual(['first'])
    // Its first owner had been deleted.
    expect(await models({ name: 'heir', ownsName: true })).toEqual(['next'])
    for (const model of await walk(writer, '/models')) {
      expect(model['name']).toBe(String(model['name']).normalize('NFC'))
    }
  })

  test('a model is as it was: public, in its project, with its times', async () => {
    const model = (await writer.get(`/models/${resnet}`)).json()
    const project = (await writer.get(`/projects/${model.projectId}`)).json()
    expect(project.name).toBe('Vision')
    expect(model).toMatchObject({ name: 'resnet', isPublic: true })
    expect(Date.parse(model.dtCreated)).toBeLessThan(Date.parse(model.dtModified))
    expect(Date.parse(model.dtModified)).toBeLessThan(Date.parse('2026-11-26T00:00:00Z'))
    expect(await models({ projectId: model.projectId })).toHaveLength(1)
  })

  test('versions have their notes, their digests and every byte', async () => {
    const versions = await walk(writer, `/models/${resnet}/versions`)
    expect(versions).toMatchObject([
      { version: '3', isCommitted: false, tags: ['draft-only'], fileCount: 1, digest: null },
      {
        version: '2',
        isCommitted: true,
        message: 'second',
        metadata: { lr: 0.1, nested: { a: [1, null, 'é'] } },
        tags: ['best'],
        fileCount: 2,
        usageBytes: '48',
      },
      {
        version: '1',
        isCommitted: true,
        message: 'pushed by the command line',
        tags: ['best', 'résumé'],
        fileCount: 3,
      },
    ])
    const contents: Record<string, string> = {}
    for (const { version, digest } of versions) {
      const path = `/models/${resnet}/versions/${version}/files`
      const lines = []
      for (const file of await walk(writer, path)) {
        const name = String(file['path'])
        const { rawPayload } = await writer.get(`${path}/${name.split('/').map(encodeURIComponent).join('/')}`)
        const sha256 = createHash('sha256').update(rawPayload).digest('hex')
        expect([file['sha256'], file['size']]).toEqual([sha256, rawPayload.length])
        lines.push(`${sha256}  ${rawPayload.length}  ${name}\n`)
        contents[`${version}/${name}`] = rawPayload.toString()
      }
      if (digest !== null) expect(createHash('sha256').update(lines.join('')).digest('hex')).toBe(digest)
    }
    expect(contents).toEqual({
      '1/config/ä.json': '{"layers":50}\n',
      '1/empty': '',
      '1/weights.bin': 'weights of the first release',
      '2/same.bin': 'weights of the first release',
      '2/weights.bin': 'weights of version 2',
      '3/part.bin': 'a draft of the first release',
    })
    expect((await writer.get(`/models/${resnet}/versions/4`)).statusCode).toBe(404)
  })

  test('aliases point where they pointed', async () => {
    const aliases = await walk(writer, `/models/${resnet}/aliases`)
    expect(aliases).toMatchObject([{ alias: 'production', version: '2' }])
    const answer = await writer.get(`/models/${resnet}/versions/production/files/weights.bin`)
    expect(answer.body).toBe('weights of version 2')
  })

  test('models and versions are found by their tags, but not by those of deleted ones', async () => {
    for (const tag of ['best', 'résumé', 'draft-only']) {
      expect(await models({ tag }), tag).toEqual(['Ein Modell für Straßen und Ampeln'])
    }
    for (const tag of ['deleted-only', 'doomed-only']) expect(await models({ tag }), tag).toEqual([])
    const versions = await walk(writer, `/models/${resnet}/versions`, { tag: 'best' })
    expect(versions.map(({ version }) => version)).toEqual(['2', '1'])
  })

  test('models are found by a search', async () => {
    for (const search of ['STRASSEN', 'ampeln', 'RESNET', 'es']) {
      expect(await models({ search })).toContain('Ein Modell für Straßen und Ampeln')
    }
    expect(await models({ search: 'MODÈLE' })).toEqual(['first, decomposed', 'second, composed'])
    expect(await models({ search: 'doomed' })).toEqual([])
  })

  test('the second team has what is its own, and nothing else', async () => {
    const theirs = r.as(KEYS.secondTeam)
    expect(await models({}, theirs)).toEqual(['of the second team'])
    expect(await models({ tag: 'best' }, theirs)).toEqual(['of the second team'])
    const [model] = await walk(theirs, '/models', { name: 'resnet', ownsName: true })
    const answer = await theirs.get(`/models/${model?.['id']}/versions/latest/files/weights.bin`)
    expect(answer.body).toBe('weights of the first release')
    expect((await theirs.get(`/models/${DOOMED}`)).statusCode).toBe(404)
  })

  test('the events of every kind have ids and subjects, in their order', async () => {
    const before = { order: 'asc', limit: 120 }
    const events = (await walk(r.admin, '/events', before)).filter(({ dtCreated }) => String(dtCreated) < '2026-11-26')
    const counts = Object.groupBy(events, ({ kind }) => String(kind))
    expect(Object.fromEntries(Object.entries(counts).map(([kind, group]) => [kind, group?.length]))).toEqual({
      'alias.delete': 1,
      'alias.set': 3,
      'api-key.create': 3,
      'api-key.revoke': 1,
      'file.delete': 1,
      'file.put': 28,
      'model.create': 8,
      'model.delete': 2,
      'model.update': 2,
      'project.create': 2,
      'project.delete': 1,
      'project.update': 1,
      'team.create': 1,
      'user.create': 2,
      'user.delete': 1,
      'version.commit': 3,
      'version.create': 5,
      'version.delete': 1,
    })
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
    expect(events.map(({ dtCreated }) => dtCreated)).toEqual(events.map(({ dtCreated }) => dtCreated).toSorted())
    for (const event of events) {
      expect(event).toMatchObject({ id: expect.stringMatching(/^ev[0-9a-z]{13}$/), requestId: null, address: null })
      const { kind } = event['subject'] as { kind: string }
      expect(String(event['kind']).split('.')[0]).toBe(kind)
    }
    const subjectsOf = (wanted: string) =>
      events.filter(({ kind }) => kind === wanted).map(({ subject, details }) => [subject, details])
    const { projectId } = (await writer.get(`/models/${resnet}`)).json()
    expect(subjectsOf('project.update')).toEqual([[{ kind: 'project', id: projectId }, { name: 'Vision' }]])
    expect(subjectsOf('file.delete')).toEqual([
      [{ kind: 'file', id: 'wrong.bin' }, expect.objectContaining({ path: 'wrong.bin' })],
    ])
    expect(subjectsOf('version.delete')).toMatchObject([[{ kind: 'version', id: '4' }, {}]])
    expect(subjectsOf('alias.delete')).toMatchObject([[{ kind: 'alias', id: 'test' }, { alias: 'test' }]])
    expect(subjectsOf('team.create')).toMatchObject([[{ kind: 'team' }, { namespace: 'second' }]])
    expect(subjectsOf('api-key.create')[0]).toMatchObject([
      { kind: 'api-key', id: KEYS.writer.split('_')[1] },
      { name: 'trainer', role: 'writer', userId: expect.stringMatching(/^us/) },
    ])
    const ofDoomed = await walk(r.admin, '/events', { modelId: DOOMED, kind: 'model.delete' })
    expect(ofDoomed).toMatchObject([{ subject: { kind: 'model', id: DOOMED } }])
    const ofAlias = await walk(writer, `/models/${resnet}/events`, { alias: 'production', order: 'asc' })
    expect(ofAlias.map(({ version }) => version)).toEqual(['1', '2'])
  })

  test('a draft takes further files and can be committed, and numbers go on', async () => {
    const path = `/models/${resnet}/versions`
    expect((await writer.put(`${path}/3/files/more.bin`, 'more')).statusCode).toBe(200)
    const committed = (await writer.put(`${path}/3`, { isCommitted: true })).json()
    expect(committed).toMatchObject({ isCommitted: true, fileCount: 2, usageBytes: '32' })
    expect((await writer.put(`${path}/2/files/weights.bin`, 'changed')).statusCode).toBe(409)
    expect((await writer.post(path)).json().version).toBe('5')
    expect((await writer.post('/models', { name: 'twin', uniqueName: true })).statusCode).toBe(409)
  })

  test('what was under way goes on: the removals, and the end of the upload that was cut off', async () => {
    const { app } = r
    expect((await waitingJobs(app)).map(({ kind, key }) => [kind, key])).toContainEqual(['reclaim-model', DOOMED])
    expect(await readdir(join(old.dataDir, 'tmp'))).toHaveLength(1)
    await r.listen()
    clock.move(DAY)
    await finishJobs(app)
    const rows = app.registry.db.read.selectFrom('files').select('path').where('model_id', '=', DOOMED)
    expect(await rows.execute()).toEqual([])
    expect(await readdir(join(old.dataDir, 'tmp'))).toEqual([])
    // The grace time that the first release was told to keep, a year.
    expect(await storedIds(app)).toEqual(await knownIds(app))
    const before = await storedIds(app)
    clock.move(400 * DAY)
    await finishJobs(app)
    expect((await storedIds(app)).length).toBeLessThan(before.length)
    expect(await storedIds(app)).toEqual(await knownIds(app))
    const verified = []
    for await (const { problem } of verifyBlobs(app.registry)) verified.push(problem)
    expect(verified).toEqual(verified.map(() => undefined))
    expect((await writer.get(`/models/${resnet}/versions/1/files/weights.bin`)).statusCode).toBe(200)
  })
})
