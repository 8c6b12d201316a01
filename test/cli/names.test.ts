import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendJson, startFakeRegistry } from './fake-registry.ts'
import { startLossyProxy } from './lossy-proxy.ts'
import { type Desk, run, startDesk } from './support.ts'

let desk: Desk

beforeAll(async () => {
  desk = await startDesk()
})

afterAll(() => desk[Symbol.asyncDispose]())

test('a name means the model that took it first, and its namesakes are reached by their ids', async () => {
  const first = await desk.json('model', 'create', '-n', 'resnet')
  const second = await desk.json('model', 'create', '-n', 'resnet', '--duplicate')
  expect(second.id).not.toBe(first.id)
  expect((await desk.json('model', 'get', 'resnet')).id).toBe(first.id)
  expect((await desk.json('model', 'get', second.id)).id).toBe(second.id)

  const source = await desk.write('resnet', { a: '1' })
  expect((await desk.json('push', source, 'resnet', '--create')).model.id).toBe(first.id)
  expect((await desk.json('pull', 'resnet@1', join(desk.dir, 'resnet-back'))).model.id).toBe(first.id)
  expect((await desk.json('model', 'list', '--name', 'resnet')).items).toHaveLength(2)
})

test('no namesake is made unless that is asked for', async () => {
  const { id } = await desk.json('model', 'create', '-n', 'bert')
  const other = await desk.json('model', 'create', '-n', 'gpt')
  const refusal = {
    code: 5,
    stdout: '',
    stderr: `error: the name "bert" belongs to model "${id}" already\n  --duplicate takes it all the same; then only the id means this one.\n`,
  }
  expect(await desk.holotype('model', 'create', '-n', 'bert')).toEqual(refusal)
  expect(await desk.holotype('model', 'update', 'gpt', '--name', 'bert')).toEqual(refusal)
  expect(await desk.json('model', 'update', 'bert', '--name', 'bert')).toMatchObject({ id })
  expect(await desk.json('model', 'update', 'gpt', '--name', 'bert', '--duplicate')).toMatchObject({ name: 'bert' })
  expect((await desk.json('model', 'get', 'bert')).id).toBe(id)
  expect((await desk.json('model', 'get', other.id)).name).toBe('bert')
})

test('a name that its owner has given up is not guessed at, and can be taken over', async () => {
  const { id } = await desk.json('model', 'create', '-n', 'vit 2')
  const namesake = await desk.json('model', 'create', '-n', 'vit 2', '--duplicate')
  await desk.holotype('model', 'delete', id, '--yes')
  const source = await desk.write('vit', { a: '1' })
  const refusal = {
    code: 5,
    stdout: '',
    stderr: `error: the name "vit 2" belongs to no model any more, but is also that of ${namesake.id}\n  Say which one by its id, or give it the name: holotype model update <id> --name 'vit 2'\n`,
  }
  expect(await desk.holotype('model', 'get', 'vit 2')).toEqual(refusal)
  expect(await desk.holotype('push', source, 'vit 2', '--create')).toEqual(refusal)
  await desk.json('model', 'update', namesake.id, '--name', 'vit 2')
  expect((await desk.json('push', source, 'vit 2', '--create')).model.id).toBe(namesake.id)
})

test('pushes that make the same model at once share it', async () => {
  const source = await desk.write('shared', { a: '1' })
  const pushes = await Promise.all([1, 2, 3, 4].map(() => desk.json('push', source, 'shared', '--create', '--force')))
  expect(new Set(pushes.map(({ model }) => model.id)).size).toBe(1)
  expect(pushes.map(({ version }) => version.version).toSorted()).toEqual(['1', '2', '3', '4'])
})

test('a push that finds its model made in between uses it', async () => {
  const source = await desk.write('between', { a: '1' })
  let made: string | undefined
  await using proxy = await startLossyProxy(desk.url, async ({ method, url }) => {
    // After both questions for the name, and before the request that would make the model.
    if (method === 'POST' && url === '/v1/models') made = (await desk.json('model', 'create', '-n', 'between')).id
    return 'nothing' as const
  })
  const { stdout } = await run(['push', source, 'between', '--create', '--json'], {
    env: { ...desk.env, HOLOTYPE_URL: proxy.url },
  })
  expect(JSON.parse(stdout).model.id).toBe(made)
})

test('a registry of the first release answers all that have the name, and is not guessed at', async () => {
  const twins = [{ id: 'moaaaaaaaaaaaaa' }, { id: 'mobbbbbbbbbbbbb' }]
  await using registry = await startFakeRegistry([], (_request, response) => {
    sendJson(response, 200, { hasMore: false, items: twins, nextPage: null })
    return true
  })
  expect(await run(['pull', 'twin'], { env: { ...desk.env, HOLOTYPE_URL: registry.url } })).toEqual({
    code: 5,
    stdout: '',
    stderr: 'error: several models are called "twin": moaaaaaaaaaaaaa, mobbbbbbbbbbbbb\n  Say which one by its id.\n',
  })
})
