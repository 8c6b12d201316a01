import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Desk, startDesk } from './support.ts'

let desk: Desk
let userId: string
let who: string
let resnet: string
let gone: string

beforeAll(async () => {
  desk = await startDesk()
  const source = await desk.write('resnet', { 'a b.bin': '1' })
  const { model, version } = await desk.json('push', source, 'resnet', '--create', '--alias', 'prod')
  resnet = model.id
  userId = version.userId
  gone = (await desk.json('model', 'create', '-n', 'gone')).id
  await desk.holotype('model', 'delete', 'gone', '--yes')
  who = (await desk.json('user', 'list')).items[0].name
  await desk.json('user', 'create', 'Robot')
})

afterAll(() => desk[Symbol.asyncDispose]())

/** The rows of the table, without when. */
async function rows(...args: string[]) {
  const { stdout, stderr } = await desk.holotype('events', ...args)
  expect(stderr).toBe('')
  const [head, ...lines] = stdout.trimEnd().split('\n')
  expect(head).toMatch(/^when +who +what +about$/)
  return lines.map(line => {
    const [when, ...cells] = line.split(/ {2,}/)
    expect(when).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/)
    return cells
  })
}

test('what happened to a model is told in words, newest first', async () => {
  expect(await rows('resnet')).toEqual([
    [who, 'alias.set', `alias prod of ${resnet}@1`],
    [who, 'version.commit', `version 1 of ${resnet}`],
    [who, 'file.put', `file a b.bin of ${resnet}@1`],
    [who, 'version.create', `version 1 of ${resnet}`],
    [who, 'model.create', `model ${resnet} (resnet)`],
  ])
})

test('what happened in the team includes what is gone', async () => {
  const all = await rows('--user', userId)
  expect(all[0]).toEqual([who, 'user.create', expect.stringMatching(/^user us\w+ \(Robot\)$/)])
  expect(all.slice(1, 3)).toEqual([
    [who, 'model.delete', `model ${gone} (gone)`],
    [who, 'model.create', `model ${gone} (gone)`],
  ])
})

test('a deleted model is still told of by its id, but not one that never was', async () => {
  expect((await rows(gone)).map(([, what]) => what)).toEqual(['model.delete', 'model.create'])
  const { code, stderr } = await desk.holotype('events', 'mo0000000000000')
  expect({ code, stderr }).toMatchObject({ code: 4, stderr: expect.stringContaining('there is no model called') })
})

test('filters narrow the list', async () => {
  const kinds = async (...args: string[]) => (await rows(...args)).map(([, what]) => what)
  expect(await kinds('--kind', 'model.create')).toEqual(['model.create', 'model.create'])
  expect(await kinds('resnet', '--alias', 'prod')).toEqual(['alias.set'])
  expect(await kinds('resnet', '--version', '1', '--asc')).toEqual([
    'version.create',
    'file.put',
    'version.commit',
    'alias.set',
  ])
  expect(await desk.holotype('events', 'resnet', '--version', '2')).toEqual({ code: 0, stdout: '', stderr: 'None.\n' })
  expect(await desk.holotype('events', 'resnet', '--version', 'prod')).toMatchObject({ code: 2 })
})

test('a page says how to get the next', async () => {
  const { stdout, stderr } = await desk.holotype('events', 'resnet', '--limit', '2')
  expect(stdout.split('\n')).toHaveLength(4)
  const [, cursor = ''] = /^There are more: --after (\S+)\n$/.exec(stderr) ?? []
  const { items } = await desk.json('events', 'resnet', '--after', cursor)
  expect(items.map((event: { kind: string }) => event.kind)).toEqual(['file.put', 'version.create', 'model.create'])
})

test('as JSON it is what the API answers', async () => {
  const api = (path: string) => desk.registry.admin.get(path)
  expect(await desk.json('events')).toEqual((await api('/events')).json())
  expect(await desk.json('events', 'resnet')).toEqual((await api(`/models/${resnet}/events`)).json())
})
