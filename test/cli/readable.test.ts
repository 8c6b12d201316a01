/** Answers for people: a page about a thing, lists that fit the terminal, and short words for what is typed often. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { layOut } from '../../src/cli/transfer/progress.ts'
import { width } from '../../src/cli/width.ts'
import { type Desk, run, startDesk } from './support.ts'

let desk: Desk
let id: string

const WIDE = '学習済みモデル 😀 und noch viel mehr Text, der nirgends ganz hineinpasst, ohne umgebrochen zu werden'

beforeAll(async () => {
  desk = await startDesk()
  id = (await desk.json('model', 'create', '-n', 'resnet', '-d', WIDE)).id
  const source = await desk.write('resnet', { a: 'x'.repeat(2048), 'deep/b': '1' })
  await desk.json('push', source, 'resnet', '-m', 'the first', '--tag', 'x', '--metadata', 'lr=1', '--alias', 'prod')
  await desk.json('push', await desk.write('resnet', { c: '2' }), 'resnet', '-m', WIDE)
  await desk.json('version', 'create', 'resnet')
  await desk.json('model', 'create', '-n', 'モデル', '-d', 'short')
  await desk.json('model', 'create', '-n', 'é\u0301tude 👩‍🔬', '-d', WIDE)
})

afterAll(() => desk[Symbol.asyncDispose]())

const TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ`

describe('one thing', () => {
  test('a model reads like a page', async () => {
    const { stdout } = await desk.holotype('model', 'get', 'resnet')
    const name = (await desk.json('user', 'list')).items[0].name
    expect(stdout).toMatch(new RegExp(`^name +resnet\nid +${id}\n`))
    expect(stdout).toMatch(new RegExp(`\nlatest +version 2: 3 files, 2\\.0 KiB, made ${TIME} by ${name}\n +${WIDE}\n`))
    expect(stdout).toMatch(/\naliases +prod -> 1\n/)
    expect(stdout).toMatch(/\nversions +3, of which 1 draft\n/)
    expect(stdout).toMatch(/\nsize +4\.0 KiB in all versions\n/)
    expect(stdout).toMatch(new RegExp(`\nchanged +${TIME} by ${name}: version.create 3\n$`))
  })

  test('a version does too', async () => {
    const { stdout } = await desk.holotype('version', 'get', 'resnet@1')
    expect(stdout).toContain(`1 of "resnet" (${id})\n`)
    for (const line of [
      /^state +committed: its files never change$/m,
      /^files +2 files, 2\.0 KiB$/m,
      /^aliases +prod$/m,
      /^metadata lr +1$/m,
    ])
      expect(stdout).toMatch(line)
  })

  test("another team's public model is shown without what is theirs alone", async () => {
    const { id: theirs } = (await desk.registry.stranger.post('/models', { name: 'open', isPublic: true })).json()
    const { code, stdout } = await desk.holotype('model', 'get', theirs)
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('no version is committed yet') })
  })

  test('metadata can not write to the terminal', async () => {
    await desk.json('version', 'update', 'resnet@3', '--metadata', '\u001b[2Jk=\u001b[2Jv')
    expect((await desk.holotype('version', 'get', 'resnet@3')).stdout).toContain('metadata \\u001b[2Jk')
  })
})

describe('lists', () => {
  const LISTS = [
    ['model', 'list'],
    ['version', 'list', 'resnet'],
    ['file', 'list', 'resnet@1'],
    ['alias', 'list', 'resnet'],
    ['events', 'resnet'],
    ['user', 'list'],
    ['key', 'list'],
  ]

  test.each(LISTS.flatMap(words => [120, 80, 60, 40, 24].map(columns => ({ words, columns }))))(
    '$words fits into $columns columns',
    async ({ words, columns }) => {
      const { code, stdout } = await run(words, { env: desk.env, columns })
      expect(code).toBe(0)
      for (const line of stdout.split('\n')) expect(width(line), line).toBeLessThanOrEqual(columns)
      // Ids can be copied, whatever the width.
      for (const [all] of (await desk.holotype(...words)).stdout.matchAll(/\b(mo|us|ak)[0-9a-z]{13}\b/g)) {
        if (words[0] !== 'events') expect(stdout.replaceAll(/\s/g, '')).toContain(all)
      }
    },
  )

  test('are aligned where characters are wide', async () => {
    const { stdout } = await desk.holotype('model', 'list')
    const [head = '', ...lines] = stdout.trimEnd().split('\n')
    const column = head.indexOf('public')
    for (const line of lines) {
      const before = line.slice(0, line.search(/ (yes|no) /) + 1)
      expect(width(before), line).toBe(column)
    }
  })

  test('can be sorted by a column, either way round', async () => {
    const names = async (...args: string[]) =>
      (await desk.json('file', 'list', 'resnet@2', ...args)).items.map((file: { path: string }) => file.path)
    expect(await names('--sort', 'size')).toEqual(['c', 'deep/b', 'a'])
    expect(await names('--sort', '-size')).toEqual(['a', 'c', 'deep/b'])
    expect(await names('--sort', '-path')).toEqual(['deep/b', 'c', 'a'])
    const { items } = await desk.json('version', 'list', 'resnet', '--sort', 'version')
    expect(items.map((version: { version: string }) => version.version)).toEqual(['1', '2', '3'])
    expect(await desk.holotype('model', 'list', '--sort', 'weight')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There are: id, name, public, project, created, description\n'),
    })
  })

  test('name people', async () => {
    const { name, id: userId } = (await desk.json('user', 'list')).items[0]
    for (const words of [
      ['alias', 'list', 'resnet'],
      ['alias', 'history', 'resnet', 'prod'],
      ['events', 'resnet'],
    ]) {
      const { stdout } = await desk.holotype(...words)
      expect(stdout).toContain(name)
      expect(stdout).not.toContain(userId)
    }
  })
})

describe('short forms', () => {
  test.each([
    [['ls'], ['model', 'list']],
    [
      ['ls', '--json'],
      ['model', 'list', '--json'],
    ],
    [
      ['ls', 'resnet'],
      ['version', 'list', 'resnet'],
    ],
    [
      ['ls', '--json', 'resnet'],
      ['version', 'list', 'resnet', '--json'],
    ],
    [
      ['ls', 'resnet@1'],
      ['file', 'list', 'resnet@1'],
    ],
    [
      ['model', 'ls'],
      ['model', 'list'],
    ],
    [
      ['version', 'ls', 'resnet'],
      ['version', 'list', 'resnet'],
    ],
    [
      ['ls', '--sort', 'name'],
      ['model', 'list', '--sort', 'name'],
    ],
    [
      ['rm', 'resnet'],
      ['model', 'delete', 'resnet'],
    ],
    [
      ['rm', 'resnet@2'],
      ['version', 'delete', 'resnet@2'],
    ],
    [
      ['alias', 'rm', 'resnet', 'prod'],
      ['alias', 'delete', 'resnet', 'prod'],
    ],
  ])('%s is %s', async (short, long) => {
    expect(await desk.holotype(...short)).toEqual(await desk.holotype(...long))
  })

  test('delete what is meant, once that was said', async () => {
    await desk.json('push', await desk.write('short', { a: '1' }), 'short', '--create')
    expect((await desk.holotype('rm', '-y', 'short@1')).stdout).toBe('Deleted version 1 of "short".\n')
    expect((await desk.holotype('rm', 'short', '--yes')).stdout).toMatch(/^Deleted the model "short" /)
  })
})

describe('the progress of a transfer', () => {
  const state = { label: 'Pushing', share: 0.25, done: 2 ** 32, total: 2 ** 34, perSecond: 2 ** 27 }

  test.each([30, 40, 60, 80, 200])('fits into %i columns, with size and rate', columns => {
    const line = layOut({ ...state, room: columns - 1 })
    expect(line.length).toBeLessThan(columns)
    expect(line).toContain('4.0 GiB')
    expect(line).toContain('128.0 MiB/s')
  })

  test('is shown on a terminal of 40 columns', async () => {
    const source = await desk.write('narrow', { 'w.bin': randomBytes(3_000_000) })
    const { stderr } = await run(['push', source, 'narrow', '--create'], { env: desk.env, terminal: true, columns: 40 })
    expect(stderr).toMatch(/\d+% .*2\.9 MiB, .*\/s/)
  })
})
