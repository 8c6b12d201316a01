/** Storage providers of kind s3, through the front door. */
import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dumpDatabase, postgresqlServer } from '../support/databases.ts'
import { createFakeS3 } from '../support/fake-s3.ts'
import { finishJobs } from '../support/jobs.ts'
import { collectLogs } from '../support/logs.ts'
import { keepModel } from '../support/registry.ts'
import { openS3Door, type S3Request, s3Error } from '../support/s3-door.ts'
import { S3_SECRET, type S3Registry, startS3Registry } from '../support/s3-registry.ts'

const logs = collectLogs()
let s3: S3Registry
beforeAll(async () => {
  s3 = await startS3Registry({}, { logger: logs.logger })
})
afterAll(() => s3[Symbol.asyncDispose]())

let prefixes = 0
/** Each test has its own place in the bucket. */
const newPrefix = () => `p${++prefixes}/`

async function create(changes: Parameters<S3Registry['provider']>[0] = {}) {
  const body = s3.provider({ ...changes, s3Config: { prefix: newPrefix(), ...changes.s3Config } })
  const answer = await s3.r.admin.post('/storage-providers', body)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}

async function defaults(): Promise<string[]> {
  const { items } = (await s3.r.reader.get('/storage-providers?limit=120')).json()
  return items.flatMap((item: { id: string; isTeamDefault: boolean }) => (item.isTeamDefault ? [item.id] : []))
}

async function managed(): Promise<string> {
  const { items } = (await s3.r.reader.get('/storage-providers?limit=120&order=asc')).json()
  return items[0].id
}

const lastEvent = async () => (await s3.r.admin.get('/events?limit=1')).json().items[0]
const keysIn = (prefix: string) => [...s3.fake.objects.keys()].filter(key => key.startsWith(`${prefix}blobs/`))

describe('a provider', () => {
  test('is made as the official client sends it, and never shows its secret', async () => {
    const { door, r, provider } = s3
    const prefix = newPrefix()
    const answer = await r.admin.post('/storage-providers', provider({ s3Config: { prefix } }))
    const { id } = answer.json()
    expect(answer.body).toBe(
      `{"id":"${id}","isManaged":false,"isTeamDefault":false,"name":"bucket","s3Config":{"accessKey":"AK","bucket":"models","checksums":"sha256",` +
        `"endpoint":"${door.endpoint}","pathStyle":true,"prefix":"${prefix}","region":"us-east-1","retainData":false,"secretAccessKey":"********","signatureVersion":null}}`,
    )
    expect((await r.reader.get(`/storage-providers/${id}`)).body).toBe(answer.body)
    expect(await lastEvent()).toMatchObject({
      kind: 'storage-provider.create',
      subject: { kind: 'storage-provider', id },
      details: { name: 'bucket', kind: 's3', bucket: 'models', isTeamDefault: false },
    })
    expect((await r.stranger.get(`/storage-providers/${id}`)).statusCode).toBe(404)
    expect(await dumpDatabase(r.dataDir)).not.toContain(S3_SECRET)
  })

  test('leaves no trace of what was tried out but the id of the registry', async () => {
    const { s3Config } = await create()
    const left = [...s3.fake.objects.keys()].filter(key => key.startsWith(s3Config.prefix))
    expect(left).toEqual([`${s3Config.prefix}instance`])
    expect(s3.fake.objects.get(left[0] ?? '')?.body.toString()).toBe(`${s3.r.app.registry.instance.id}\n`)
    expect(s3.fake.uploads.size).toBe(0)
  })

  test.each([
    ['bucket', ''],
    ['bucket', 'a'],
    ['bucket', '../other'],
    ['bucket', 'arn:aws:s3:::models'],
    ['bucket', 'a..b'],
    ['bucket', 'models?x'],
    ['prefix', '/lead'],
    ['prefix', 'a//b'],
    ['prefix', '../x'],
    ['prefix', 'a/./b'],
    ['prefix', 'ä/'],
    ['prefix', 'x'.repeat(600)],
    ['region', 'eu west'],
    ['region', 'evil.example/'],
    ['endpoint', 'ftp://store.example'],
    ['endpoint', 'file:///etc/passwd'],
    ['endpoint', 'store.example'],
    ['endpoint', 'http://user:secret@store.example'],
    ['endpoint', 'http://store.example/?x=1'],
    ['endpoint', 'http://store.example/#x'],
    ['checksums', 'md5'],
    ['signatureVersion', 'v2'],
    ['accessKey', ''],
    ['secretAccessKey', ''],
    ['secretAccessKey', '********'],
    ['accessKey', 'with blank'],
    ['secretAccessKey', 'line\nbreak'],
  ])('with the %s %j is refused, and nothing is asked of any store', async (field, value) => {
    const before = s3.door.log.length
    const answer = await s3.r.admin.post('/storage-providers', s3.provider({ s3Config: { [field]: value } }))
    expect(answer.statusCode, answer.body).toBe(400)
    expect(answer.body).not.toContain('user:secret')
    expect(answer.body).not.toContain(S3_SECRET)
    expect(s3.door.log.length).toBe(before)
  })

  test('is the affair of admins', async () => {
    for (const caller of [s3.r.writer, s3.r.reader]) {
      expect((await caller.post('/storage-providers', s3.provider())).statusCode).toBe(403)
    }
  })
})

describe('the default of a team', () => {
  test('moves, and there is always one', async () => {
    const old = await managed()
    const { id } = await create({ isTeamDefault: true })
    expect(await defaults()).toEqual([id])
    const refused = await s3.r.admin.put(`/storage-providers/${id}`, { isTeamDefault: false })
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'CONFLICT'])
    expect((await s3.r.admin.delete(`/storage-providers/${id}`)).statusCode).toBe(409)
    // As the official client sends it: a false is left out.
    expect((await s3.r.admin.put(`/storage-providers/${id}`, { name: 'still the default' })).json()).toMatchObject({
      name: 'still the default',
      isTeamDefault: true,
    })
    await s3.r.admin.put(`/storage-providers/${old}`, { isTeamDefault: true })
    expect(await defaults()).toEqual([old])
    expect((await s3.r.admin.delete(`/storage-providers/${id}`)).json()).toEqual({ id })
  })

  test('is one, however many become it at once', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => create({ isTeamDefault: true })))
    expect(await defaults()).toHaveLength(1)
    await Promise.all(made.map(({ id }) => s3.r.admin.put(`/storage-providers/${id}`, { isTeamDefault: true })))
    expect(await defaults()).toHaveLength(1)
    await s3.r.admin.put(`/storage-providers/${await managed()}`, { isTeamDefault: true })
  })

  test('is where the bytes of models go that name none', async () => {
    const provider = await create({ isTeamDefault: true })
    await keepModel(s3.r.writer, { 'a.bin': 'to the default' })
    await s3.r.admin.put(`/storage-providers/${await managed()}`, { isTeamDefault: true })
    await keepModel(s3.r.writer, { 'a.bin': 'to the directory' })
    expect(keysIn(provider.s3Config.prefix).map(key => s3.fake.objects.get(key)?.body.toString())).toEqual([
      'to the default',
    ])
  })
})

describe('a provider that is tried out', () => {
  const is = (method: string, word?: string) => (request: S3Request) =>
    request.method === method && (word === undefined || request.query.has(word) || request.key.includes(word))
  const steps: [string, (request: S3Request) => boolean][] = [
    ['reading an object', is('GET', 'instance')],
    ['writing an object', request => is('PUT', 'probes')(request) && !request.query.has('uploadId')],
    ['reading a part of an object', is('GET', 'probes')],
    ['looking at an object', is('HEAD', 'probes')],
    ['listing objects', is('GET', 'list-type')],
    ['beginning an upload in parts', is('POST', 'uploads')],
    ['sending a part', is('PUT', 'uploadId')],
    ['ending an upload in parts', is('DELETE', 'uploadId')],
    ['deleting an object', request => is('DELETE', 'probes')(request) && !request.query.has('uploadId')],
    ['writing the id of this registry', is('PUT', 'instance')],
  ]

  test.each(steps)('says that %s failed, and what the store said', async (name, isStep) => {
    const before = (await s3.r.reader.get('/storage-providers')).body
    s3.door.fault = request =>
      isStep(request) ? { kind: 'refuse', answer: s3Error(403, 'AccessDenied', 'not for you') } : undefined
    const body = s3.provider({ s3Config: { prefix: newPrefix() } })
    const answer = await s3.r.admin.post('/storage-providers', body).finally(() => {
      s3.door.fault = () => undefined
    })
    expect(answer.statusCode).toBe(400)
    expect(answer.json().message).toContain(`${name} failed`)
    expect(answer.json().message).toContain('403')
    expect((await s3.r.reader.get('/storage-providers')).body).toBe(before)
  })

  test('is asked for again where the store only asks for patience', async () => {
    s3.door.fault = () => ({ kind: 'refuse', answer: s3Error(503, 'SlowDown') })
    const answer = await s3.r.admin.post('/storage-providers', s3.provider()).finally(() => {
      s3.door.fault = () => undefined
    })
    expect([answer.statusCode, answer.json().message]).toEqual([503, expect.stringContaining('SlowDown')])
  })

  test('and says when nothing answers', async () => {
    const other = await openS3Door(createFakeS3().backend)
    await other.close()
    const answer = await s3.r.admin.post('/storage-providers', s3.provider({ s3Config: { endpoint: other.endpoint } }))
    expect([answer.statusCode, answer.json().message]).toEqual([
      400,
      expect.stringContaining('nothing answers at the endpoint'),
    ])
  })

  test('is refused where another registry has its bytes, or nobody knows who', async () => {
    const [theirs, unknown] = [newPrefix(), newPrefix()]
    const object = (text: string) => ({ body: Buffer.from(text), modifiedAt: new Date(), writer: undefined })
    const other = randomUUID()
    s3.fake.objects.set(`${theirs}instance`, object(`${other}\n`))
    s3.fake.objects.set(`${unknown}blobs/bl0123456789abc`, object('whose?'))
    for (const [prefix, words] of [
      [theirs, other],
      [unknown, 'choose an empty prefix'],
    ]) {
      const answer = await s3.r.admin.post('/storage-providers', s3.provider({ s3Config: { prefix } }))
      expect([answer.statusCode, answer.json().message]).toEqual([409, expect.stringContaining(words ?? '')])
    }
    expect(s3.fake.objects.get(`${theirs}instance`)?.body.toString()).toBe(`${other}\n`)
  })
})

describe('bytes in a bucket', () => {
  test('are served, verified and reclaimed as those in the directory are', async () => {
    const { r } = s3
    const { id: storageProviderId, s3Config } = await create()
    const bytes = Buffer.from('0123456789'.repeat(1000))
    const { id, version } = await keepModel(r.writer, { 'a/w.bin': bytes, empty: '' }, { storageProviderId })
    expect(keysIn(s3Config.prefix)).toHaveLength(2)
    const file = `/models/${id}/versions/${version}/files/a/w.bin`
    const whole = await r.reader.get(file)
    expect([whole.statusCode, whole.rawPayload.equals(bytes)]).toEqual([200, true])
    const etag = String(whole.headers['etag'])
    for (const [range, expected] of [
      ['bytes=0-9', bytes.subarray(0, 10)],
      ['bytes=9990-', bytes.subarray(9990)],
      ['bytes=-5', bytes.subarray(-5)],
    ] as const) {
      const part = await r.reader.get(file, { range, 'if-range': etag })
      expect([part.statusCode, part.rawPayload.equals(expected)]).toEqual([206, true])
    }
    expect((await r.reader.get(file, { range: 'bytes=10000-' })).statusCode).toBe(416)
    expect((await r.reader.get(file, { 'if-none-match': etag })).statusCode).toBe(304)
    expect((await r.reader.get(file, { 'if-match': '"x"' })).statusCode).toBe(412)
    const head = await r.reader.call('HEAD', file)
    expect([head.statusCode, head.headers['content-length']]).toEqual([200, '10000'])
    expect((await r.reader.get(`/models/${id}/versions/${version}/files/empty`)).rawPayload).toHaveLength(0)
    const tar = await r.reader.get(`/models/${id}/versions/${version}/archive`)
    expect([tar.statusCode, tar.rawPayload.includes(bytes)]).toEqual([200, true])

    expect((await r.admin.delete(`/storage-providers/${storageProviderId}`)).json().message).toContain('bytes in it')
    await r.writer.delete(`/models/${id}`)
    await finishJobs(r.app)
    expect(keysIn(s3Config.prefix)).toEqual([])
    expect((await r.admin.delete(`/storage-providers/${storageProviderId}`)).json()).toEqual({
      id: storageProviderId,
    })
    expect(await lastEvent()).toMatchObject({ kind: 'storage-provider.delete', details: { name: 'bucket' } })
    expect((await r.reader.get(`/storage-providers/${storageProviderId}`)).statusCode).toBe(404)
    expect((await r.writer.post('/models', { name: 'm', storageProviderId })).statusCode).toBe(404)
  })

  test.each([
    ['other bytes', (bytes: Buffer) => Buffer.from(bytes).fill(1, 5000, 5001)],
    ['fewer bytes', (bytes: Buffer) => bytes.subarray(0, 9000)],
    ['no bytes', () => undefined],
  ])('are never served as good when the bucket has %s, and are healed by the next upload', async (_, spoil) => {
    const { r } = s3
    const { id: storageProviderId, s3Config } = await create()
    const bytes = Buffer.from('abcdefghij'.repeat(1000))
    const { id, version } = await keepModel(r.writer, { w: bytes }, { storageProviderId })
    const [key = ''] = keysIn(s3Config.prefix)
    const object = s3.fake.objects.get(key)
    const spoilt = spoil(bytes)
    if (object && spoilt) object.body = spoilt
    else s3.fake.objects.delete(key)
    const file = `/models/${id}/versions/${version}/files/w`
    const answer = await r.reader.get(file).catch((error: unknown) => error)
    expect(answer).not.toMatchObject({ statusCode: 200, rawPayload: bytes })
    const draft = (await r.writer.post(`/models/${id}/versions`)).json().version
    await r.writer.put(`/models/${id}/versions/${draft}/files/w`, bytes)
    const again = await r.reader.get(file)
    expect([again.statusCode, again.rawPayload.equals(bytes)]).toEqual([200, true])
  })

  test('that are out of reach are a 503, the registry stays ready, and all is well afterwards', async () => {
    const { r } = s3
    const { id: storageProviderId } = await create()
    const { id, version } = await keepModel(r.writer, { w: 'bytes' }, { storageProviderId })
    const draft = (await r.writer.post(`/models/${id}/versions`)).json().version
    s3.door.fault = () => ({ kind: 'refuse', answer: s3Error(403, 'RequestTimeTooSkewed') })
    try {
      expect((await r.reader.get(`/models/${id}/versions/${version}/files/w`)).statusCode).toBe(503)
      expect((await r.writer.put(`/models/${id}/versions/${draft}/files/w`, 'new')).statusCode).toBe(503)
      expect((await r.app.server.inject({ url: '/readyz' })).statusCode).toBe(200)
      expect((await r.reader.get('/storage-providers/utilization')).statusCode).toBe(200)
    } finally {
      s3.door.fault = () => undefined
    }
    expect(logs.text()).toContain('clocks of this machine')
    expect((await r.reader.get(`/models/${id}/versions/${version}/files/w`)).body).toBe('bytes')
    expect((await r.writer.put(`/models/${id}/versions/${draft}/files/w`, 'new')).statusCode).toBe(200)
  })
})

test('bytes that are published after their upload was given up do not stay', async () => {
  const { r } = s3
  const { id: storageProviderId, s3Config } = await create()
  const { id } = (await r.writer.post('/models', { name: 'm', storageProviderId })).json()
  await r.writer.post(`/models/${id}/versions`)
  const body = new Readable({ read() {} })
  body.push('half')
  const sending = fetch(`${await r.listen()}/models/${id}/versions/1/files/w`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${r.writer.key}` },
    body: Readable.toWeb(body),
    duplex: 'half',
  } as RequestInit)
  const { db } = r.app.registry
  await expect.poll(() => db.read.selectFrom('uploads').select('id').execute()).toHaveLength(1)
  // As another process does when this one has not renewed it in time.
  await db.transaction(trx => trx.deleteFrom('uploads').execute())
  body.push(null)
  expect((await sending).status).toBe(503)
  await finishJobs(r.app)
  expect(keysIn(s3Config.prefix)).toEqual([])
})

describe('a change of a provider', () => {
  test('keeps the secret where the mask or nothing comes, and names what has changed, without values', async () => {
    const { id, s3Config } = await create()
    const sealed = async () =>
      (
        await s3.r.app.registry.db.read
          .selectFrom('storage_providers')
          .selectAll()
          .where('id', '=', id)
          .executeTakeFirst()
      )?.sealed_secret
    const before = await sealed()
    const answer = await s3.r.admin.put(`/storage-providers/${id}`, {
      name: 'renamed',
      s3Config: { ...s3Config, region: 'eu-central-1' },
    })
    expect(answer.json()).toMatchObject({ name: 'renamed', s3Config: { ...s3Config, region: 'eu-central-1' } })
    expect(await sealed()).toBe(before)
    expect(await lastEvent()).toMatchObject({
      kind: 'storage-provider.update',
      details: { name: 'renamed', changed: ['name', 'region'] },
    })
    await s3.r.admin.put(`/storage-providers/${id}`, { s3Config: { secretAccessKey: 'another-secret' } })
    expect(await sealed()).not.toBe(before)
    expect((await lastEvent()).details).toEqual({ name: 'renamed', changed: ['secretAccessKey'], isTeamDefault: false })
  })

  test('never takes the known secret to another server or another key', async () => {
    const { id } = await create()
    const other = await openS3Door(createFakeS3().backend)
    for (const change of [{ endpoint: other.endpoint }, { accessKey: 'OTHER' }]) {
      for (const secret of [{}, { secretAccessKey: '********' }, { secretAccessKey: null }]) {
        const answer = await s3.r.admin.put(`/storage-providers/${id}`, { s3Config: { ...change, ...secret } })
        expect([answer.statusCode, answer.json().message]).toEqual([
          400,
          expect.stringContaining('must be given again'),
        ])
      }
    }
    expect(other.log).toEqual([])
    const moved = { endpoint: other.endpoint, secretAccessKey: 'another-secret' }
    expect((await s3.r.admin.put(`/storage-providers/${id}`, { s3Config: moved })).json().s3Config.endpoint).toBe(
      other.endpoint,
    )
    await other.close()
  })

  test('to a place that does not have the bytes is refused while there are some', async () => {
    const { id: storageProviderId, s3Config } = await create()
    const { id, version } = await keepModel(s3.r.writer, { w: 'bytes' }, { storageProviderId })
    const prefix = newPrefix()
    const path = `/storage-providers/${storageProviderId}`
    expect((await s3.r.admin.put(path, { s3Config: { prefix } })).statusCode).toBe(409)
    for (const [key, object] of [...s3.fake.objects]) {
      if (key.startsWith(s3Config.prefix)) s3.fake.objects.set(key.replace(s3Config.prefix, prefix), object)
    }
    expect((await s3.r.admin.put(path, { s3Config: { prefix } })).statusCode).toBe(200)
    for (const key of [...s3.fake.objects.keys()]) if (key.startsWith(s3Config.prefix)) s3.fake.objects.delete(key)
    expect((await s3.r.reader.get(`/models/${id}/versions/${version}/files/w`)).body).toBe('bytes')
  })

  test('of the managed one is its name and nothing else', async () => {
    const id = await managed()
    expect((await s3.r.admin.put(`/storage-providers/${id}`, { name: 'disk' })).json().name).toBe('disk')
    expect((await s3.r.admin.put(`/storage-providers/${id}`, { s3Config: { bucket: 'models' } })).statusCode).toBe(409)
    expect((await s3.r.admin.delete(`/storage-providers/${id}`)).statusCode).toBe(409)
  })
})

describe('endpoints that are not public (S30, S31)', () => {
  test.each([
    'http://127.0.0.1:PORT',
    'http://localhost:PORT',
    'http://2130706433:PORT',
    'http://0x7f000001:PORT',
    'http://[::1]:PORT',
    'http://[::ffff:127.0.0.1]:PORT',
    'http://0.0.0.0:PORT',
    'http://169.254.169.254',
    'http://10.0.0.1',
    'http://[fd00::1]',
  ])('%s is refused, and nothing is sent there', async endpoint => {
    const other = await startS3Registry({ HOLOTYPE_S3_ALLOWED_ENDPOINTS: '192.0.2.0/24' })
    const url = endpoint.replace('PORT', new URL(other.door.endpoint).port)
    const body = other.provider({ s3Config: { endpoint: url } })
    const answer = await other.r.admin.post('/storage-providers', body)
    expect([answer.statusCode, answer.json().message]).toEqual([400, expect.stringMatching(/not (a )?public/)])
    expect(answer.body).not.toContain('(127.0.0.1)')
    expect(other.door.log).toEqual([])
    await other[Symbol.asyncDispose]()
  })
})

describe('without keys', () => {
  const keyless = { accessKey: null, secretAccessKey: null }

  test('a bucket is refused: nobody borrows what the machine may do', async () => {
    const answer = await s3.r.admin.post('/storage-providers', s3.provider({ s3Config: keyless }))
    expect([answer.statusCode, answer.json().message]).toEqual([
      400,
      expect.stringContaining('HOLOTYPE_S3_MACHINE_BUCKETS'),
    ])
  })

  test('a bucket is taken where the operator allows it, at a server that he named', async () => {
    const machine = { AWS_ACCESS_KEY_ID: 'MACHINE', AWS_SECRET_ACCESS_KEY: 'machine-secret' }
    const before = Object.fromEntries(Object.keys(machine).map(name => [name, process.env[name]]))
    Object.assign(process.env, machine)
    const used: string[] = []
    const env = { HOLOTYPE_S3_MACHINE_BUCKETS: 'models', HOLOTYPE_S3_ALLOWED_ENDPOINTS: '127.0.0.1' }
    await using other = await startS3Registry(env)
    other.door.fault = ({ headers }) => {
      used.push(/Credential=(\w+)/.exec(String(headers.authorization))?.[1] ?? 'none')
      return undefined
    }
    const answer = await other.r.admin.post('/storage-providers', other.provider({ s3Config: keyless }))
    expect(answer.json().s3Config).toMatchObject({ accessKey: '', secretAccessKey: '' })
    expect(new Set(used)).toEqual(new Set(['MACHINE']))
    const elsewhere = other.provider({ s3Config: { ...keyless, bucket: 'others' } })
    expect((await other.r.admin.post('/storage-providers', elsewhere)).statusCode).toBe(400)
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })
})

describe('the key that seals secrets', () => {
  test('is made in the data directory when it is first needed, for its owner alone', async ({ skip }) => {
    skip(postgresqlServer() !== undefined, 'with PostgreSQL the key is a setting')
    await using other = await startS3Registry({ HOLOTYPE_SECRET_KEY: '' })
    const file = join(other.r.dataDir, 'secret.key')
    await expect(stat(file)).rejects.toThrow('ENOENT')
    const { id } = (await other.r.admin.post('/storage-providers', other.provider())).json()
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await keepModel(other.r.writer, { w: 'bytes' }, { storageProviderId: id })
    expect(other.fake.objects.size).toBe(2)
  })

  test('must be given with PostgreSQL, and a sentence says so', async ({ skip }) => {
    skip(postgresqlServer() === undefined, 'on SQLite there is a file')
    await using other = await startS3Registry({ HOLOTYPE_SECRET_KEY: '' })
    const answer = await other.r.admin.post('/storage-providers', other.provider())
    expect([answer.statusCode, answer.json().message]).toEqual([409, expect.stringContaining('HOLOTYPE_SECRET_KEY')])
  })

  test('that is another one opens nothing, and the log says what to do', async () => {
    const { app } = s3.r
    const { id: storageProviderId } = await create()
    const foreign = (await create()).id
    const row = (id: string) =>
      app.registry.db.read.selectFrom('storage_providers').select('sealed_secret').where('id', '=', id)
    const sealed = (await row(foreign).executeTakeFirst())?.sealed_secret ?? null
    // Sealed for another provider, as good as by another key.
    await app.registry.db.transaction(trx =>
      trx.updateTable('storage_providers').set({ sealed_secret: sealed }).where('id', '=', storageProviderId).execute(),
    )
    const { id } = (await s3.r.writer.post('/models', { name: 'm', storageProviderId })).json()
    const { version } = (await s3.r.writer.post(`/models/${id}/versions`)).json()
    const answer = await s3.r.writer.put(`/models/${id}/versions/${version}/files/w`, 'bytes')
    expect(answer.statusCode).toBe(503)
    expect(logs.text()).toContain('HOLOTYPE_SECRET_KEY is not the key')
  })
})

test('no secret is in the log, in the database or in an event', async () => {
  const everything =
    logs.text() + (await dumpDatabase(s3.r.dataDir)) + (await s3.r.admin.get('/events?limit=1000')).body
  for (const secret of [S3_SECRET, 'another-secret', 'user:secret']) expect(everything).not.toContain(secret)
})
