/** The second try of a push is the same push: it goes on with its own draft, and the same files are no new version. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openUnfinishedPush } from '../../src/cli/push/unfinished-push.ts'
import { startLossyProxy } from './lossy-proxy.ts'
import { type Desk, run, startDesk } from './support.ts'

let desk: Desk
let source: string
let name: string
let count = 0

beforeAll(async () => {
  desk = await startDesk({ HOLOTYPE_MAX_FILE_BYTES: '100000' })
})

afterAll(() => desk[Symbol.asyncDispose]())

const LARGE = Buffer.alloc(100_001)

/** A push that fails half-way: the registry refuses one of its files. */
beforeEach(async () => {
  count += 1
  name = `again-${count}`
  await desk.json('model', 'create', '-n', name)
  source = await desk.write(name, { a: 'first', 'deep/b': 'second', 'z.bin': LARGE })
})

async function failHalfWay(env = desk.env): Promise<void> {
  const { code, stderr } = await run(['push', source, name], { env })
  expect(code).toBe(1)
  expect(stderr).toContain(`of "${name}" stays a draft. To go on, push it again; from another machine: holotype push`)
  // Others may have ended before they were done: all but the large one are there now.
  for (const path of ['a', 'deep/b']) await putIntoDraft('1', path, path === 'a' ? 'first' : 'second')
  await writeFile(join(source, 'z.bin'), 'small now')
}

async function putIntoDraft(version: string, path: string, content: string): Promise<void> {
  const { id } = await desk.json('model', 'get', name)
  const url = `${desk.url}/v1/models/${id}/versions/${version}/files/${path}`
  const headers = { authorization: `Bearer ${desk.env['HOLOTYPE_API_KEY']}` }
  expect((await fetch(url, { method: 'PUT', body: content, headers })).status).toBe(200)
}

const versions = async () =>
  (await desk.json('version', 'list', name)).items.map((version: { version: string; isCommitted: boolean }) => {
    return `${version.version} ${version.isCommitted ? 'committed' : 'draft'}`
  })

const paths = async (ref: string) =>
  (await desk.json('file', 'list', `${name}@${ref}`)).items.map((file: { path: string }) => file.path)

describe('an interrupted push that is typed again', () => {
  test('goes on with its own draft, and says so', async () => {
    await failHalfWay()
    const { code, stdout, stderr } = await desk.holotype('push', source, name, '--message', 'whole')
    expect(stderr).toBe(`Going on with version 1 of "${name}", a draft that an earlier push of this folder has left.\n`)
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('(2 there already), as version 1'),
    })
    expect(await versions()).toEqual(['1 committed'])
    expect(await desk.json('version', 'get', name)).toMatchObject({ message: 'whole', fileCount: 3 })
    expect(await readdir(join(desk.dir, '.state', 'holotype', 'pushes'))).toEqual([])
  })

  test('has no other files in the end than the folder, whoever put them there', async () => {
    await failHalfWay()
    await putIntoDraft('1', 'planted.py', 'evil')
    await putIntoDraft('1', 'c', 'once a file')
    await putIntoDraft('1', 'd/e', 'once a folder')
    await rm(join(source, 'deep'), { recursive: true })
    await desk.write(name, { 'c/d': 'now a folder', d: 'now a file' })
    const { code, stderr } = await desk.holotype('push', source, name)
    expect(code).toBe(0)
    expect(stderr).toContain('Taking out of the draft what is no longer here: c, d/e, deep/b, planted.py\n')
    expect(await paths('1')).toEqual(['a', 'c/d', 'd', 'z.bin'])
  })

  test.each<[string, () => Promise<unknown>]>([
    ['was deleted', () => desk.holotype('version', 'delete', `${name}@1`, '--yes')],
    ['was committed', () => desk.json('version', 'commit', `${name}@1`)],
  ])('makes a new draft when the first %s meanwhile', async (_what, change) => {
    await failHalfWay()
    await change()
    expect((await desk.json('push', source, name)).version).toMatchObject({ version: '2', fileCount: 3 })
  })

  test('makes a new draft when the number means another one, after a restore', async () => {
    await failHalfWay()
    const folder = join(desk.dir, '.state', 'holotype', 'pushes')
    for (const file of await readdir(folder)) {
      const mark = JSON.parse(await readFile(join(folder, file), 'utf8'))
      await writeFile(join(folder, file), JSON.stringify({ ...mark, dtCreated: '2020-01-01T00:00:00.000Z' }))
    }
    expect((await desk.json('push', source, name)).version.version).toBe('2')
  })

  test.each(['', 'null', '{', '{"version": "../../x", "dtCreated": "x"}', '{"version": 1}'])(
    'makes a new draft when what was kept of it is damaged: %s',
    async content => {
      await failHalfWay()
      const folder = join(desk.dir, '.state', 'holotype', 'pushes')
      for (const file of await readdir(folder)) await writeFile(join(folder, file), content)
      expect((await desk.json('push', source, name)).version.version).toBe('2')
    },
  )

  test('makes a new draft with --no-resume, of another folder, and with another key', async () => {
    await failHalfWay()
    const other = await desk.write(`${name}-copy`, { a: 'first' })
    expect((await desk.json('push', other, name)).version.version).toBe('2')
    const { key } = await desk.json('key', 'create', '-n', 'other', '--role', 'writer')
    const env = { ...desk.env, HOLOTYPE_API_KEY: key }
    expect(JSON.parse((await run(['push', source, name, '--json'], { env })).stdout).version.version).toBe('3')
    expect((await desk.json('push', source, name, '--no-resume', '--force')).version.version).toBe('4')
    expect(await versions()).toEqual(['4 committed', '3 committed', '2 committed', '1 draft'])
  })

  test('can be gone on with by its number where nothing can be kept', async () => {
    await writeFile(join(desk.dir, 'a-file'), '')
    const env = { ...desk.env, XDG_STATE_HOME: join(desk.dir, 'a-file') }
    const failed = await run(['push', source, name], { env })
    expect(failed.stderr).toContain(`stays a draft. To go on: holotype push ${source} mo`)
    await writeFile(join(source, 'z.bin'), 'small now')
    expect(await run(['push', source, name, '--version', '1'], { env })).toMatchObject({ code: 0 })
  })
})

test('two pushes of one folder at the same time do not share a draft', async () => {
  const push = { connection: { url: 'http://x', key: 'ht_ak1_secret' }, modelId: 'mo1', source }
  const first = await openUnfinishedPush(desk.env, push)
  await first.remember({ version: '7', dtCreated: 'now' })
  await using second = await openUnfinishedPush(desk.env, push)
  expect(second.mark).toBeUndefined()
  expect(await second.remember({ version: '8', dtCreated: 'now' })).toBe(false)
  await first[Symbol.asyncDispose]()
  await using third = await openUnfinishedPush(desk.env, push)
  expect(third.mark).toEqual({ version: '7', dtCreated: 'now' })
  await third.forget()
})

test('a draft that somebody else changes in the last moment is not called what was pushed', async () => {
  await writeFile(join(source, 'z.bin'), 'small')
  await using proxy = await startLossyProxy(desk.url, async ({ method, url }) => {
    if (method === 'PUT' && url.endsWith('/versions/1')) await putIntoDraft('1', 'planted.py', 'evil')
    return 'nothing' as const
  })
  const env = { ...desk.env, HOLOTYPE_URL: proxy.url }
  expect(await run(['push', source, name, '--alias', 'prod'], { env })).toMatchObject({
    code: 6,
    stdout: '',
    stderr: expect.stringContaining('version 1 has other files than were pushed'),
  })
  expect((await desk.json('alias', 'list', name)).items).toEqual([])
})

describe('the same files again', () => {
  beforeEach(async () => {
    await rm(join(source, 'z.bin'))
    await desk.json('push', source, name, '-m', 'first')
  })

  test('are identical to the version, and nothing is kept', async () => {
    const { id } = await desk.json('model', 'get', name)
    expect(await desk.holotype('push', source, name)).toEqual({
      code: 0,
      stdout: `Identical to version 1 of "${name}" (${id}), nothing to keep.\n`,
      stderr: '',
    })
    expect(await desk.json('push', source, name)).toMatchObject({
      isIdentical: true,
      version: { version: '1' },
      files: [
        { path: 'a', status: 'kept' },
        { path: 'deep/b', status: 'kept' },
      ],
    })
    expect(await versions()).toEqual(['1 committed'])
  })

  test('get the alias that was asked for, and what was said about them is not lost without a word', async () => {
    const { stdout, stderr } = await desk.holotype('push', source, name, '--alias', 'prod', '-m', 'second')
    expect(stdout).toContain('nothing to keep.\nThe alias "prod" points at it.\n')
    expect(stderr).toContain('What was said about it was not kept')
    expect(await desk.json('version', 'get', `${name}@prod`)).toMatchObject({ version: '1', message: 'first' })
  })

  test('become a new version with --force, or when another one came in between', async () => {
    expect((await desk.json('push', source, name, '--force')).version.version).toBe('2')
    await writeFile(join(source, 'a'), 'FIRST')
    expect((await desk.json('push', source, name)).version.version).toBe('3')
    await writeFile(join(source, 'a'), 'first')
    expect((await desk.json('push', source, name)).version.version).toBe('4')
  })

  test('under another name, or in another place, are not the same', async () => {
    await mkdir(join(source, 'deeper'))
    await writeFile(join(source, 'deeper/b'), 'second')
    await rm(join(source, 'deep'), { recursive: true })
    expect((await desk.json('push', source, name)).version.version).toBe('2')
  })

  test('sorted by their bytes, as the registry does, whatever characters they have', async () => {
    await rm(join(source, 'a'), { force: true })
    await desk.write(name, { '\u{1f600}': '1', '\uff5e': '2', 'a-b': '3', 'a/b2': '4', 'a b': '5' })
    expect((await desk.json('push', source, name)).isIdentical).toBe(false)
    expect((await desk.json('push', source, name)).isIdentical).toBe(true)
  })
})
