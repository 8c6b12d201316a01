import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendJson, startFakeRegistry } from './fake-registry.ts'
import { type LossyProxy, startLossyProxy } from './lossy-proxy.ts'
import { type Desk, readTree, run, startDesk } from './support.ts'

let desk: Desk

beforeAll(async () => {
  desk = await startDesk()
})

afterAll(() => desk[Symbol.asyncDispose]())

/** Runs a command against another server than the desk's. */
const through = ({ url }: { url: string }, ...args: string[]) => run(args, { env: { ...desk.env, HOLOTYPE_URL: url } })

const keysOf = ({ seen }: LossyProxy, method: string) =>
  seen.filter(request => request.method === method).map(({ headers }) => headers['idempotency-key'])

describe('when the registry has done its work and the answer is lost', () => {
  test.each(['all', 'half'] as const)(
    'the repeated request gets that answer, and there is one model: %s of it',
    async loss => {
      await using proxy = await startLossyProxy(desk.url, ({ method }, before) =>
        method === 'POST' && before < 2 ? loss : 'nothing',
      )
      const { code, stdout } = await through(proxy, 'model', 'create', '-n', `lost ${loss}`, '--json')
      expect(code).toBe(0)
      expect((await desk.json('model', 'list', '--name', `lost ${loss}`)).items).toEqual([JSON.parse(stdout)])
      expect(proxy.seen).toHaveLength(3)
    },
  )

  test('a push makes one model with one version', async () => {
    const source = await desk.write('lossy', { a: '1', 'b/c': '2' })
    await using proxy = await startLossyProxy(desk.url, (_request, before) => (before === 0 ? 'all' : 'nothing'))
    expect(await through(proxy, 'push', source, 'lossy', '--create', '--alias', 'prod')).toMatchObject({ code: 0 })
    expect((await desk.json('model', 'list', '--name', 'lossy')).items).toHaveLength(1)
    expect((await desk.json('version', 'list', 'lossy')).items).toMatchObject([{ version: '1', isCommitted: true }])
    await desk.json('pull', 'lossy@prod', join(desk.dir, 'lossy-back'))
    expect(await readTree(join(desk.dir, 'lossy-back'))).toEqual(await readTree(source))
  })

  test('a secret that is shown once is not shown again, and there is one key', async () => {
    await using proxy = await startLossyProxy(desk.url, (_request, before) => (before === 0 ? 'all' : 'nothing'))
    const { code, stderr } = await through(proxy, 'key', 'create', '-n', 'lost', '--role', 'reader')
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr:
        'error: this request was answered before, with a secret that is shown only once; look at the list of what it made\n',
    })
    const { items } = await desk.json('key', 'list')
    expect(items.filter((key: { name: string }) => key.name === 'lost')).toHaveLength(1)
  })

  test('a deletion is not repeated: the second one would find nothing', async () => {
    await desk.json('model', 'create', '-n', 'lost deletion')
    await using proxy = await startLossyProxy(desk.url, ({ method }) => (method === 'DELETE' ? 'all' : 'nothing'))
    expect((await through(proxy, 'model', 'delete', 'lost deletion', '--yes')).code).toBe(7)
    expect(proxy.seen.filter(({ method }) => method === 'DELETE')).toHaveLength(1)
  })
})

test('each POST has a key of its own, the same in all attempts, and nothing else has one', async () => {
  await using proxy = await startLossyProxy(desk.url, ({ method }, before) =>
    method === 'POST' && before % 2 === 0 ? 'all' : 'nothing',
  )
  for (let turn = 0; turn < 2; turn += 1) await through(proxy, 'project', 'create', 'same request')
  const [first, again, second, ...more] = keysOf(proxy, 'POST')
  expect(first).toMatch(/^[0-9a-f-]{36}$/)
  expect(again).toBe(first)
  expect(second).not.toBe(first)
  expect(more).toEqual([second])
  await through(proxy, 'project', 'list')
  expect(keysOf(proxy, 'GET')).toEqual([undefined])
})

describe.concurrent('a POST that is refused for a moment', () => {
  const refusing = async (status: number, times: number, headers: Record<string, string> = {}) => {
    const keys: unknown[] = []
    const registry = await startFakeRegistry([], (request, response) => {
      keys.push(request.headers['idempotency-key'])
      if (keys.length > times) sendJson(response, 200, { id: 'pr0123456789abc', name: 'x' })
      else {
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
        sendJson(response, status, { code: 'INTERNAL_SERVER_ERROR', message: 'not now' })
      }
      return true
    })
    return { registry, keys }
  }

  test.each([429, 502, 503, 504])('by %d is tried again with its key', async status => {
    const { registry, keys } = await refusing(status, 1, { 'retry-after': '0' })
    await using _ = registry
    expect(await through(registry, 'project', 'create', 'x')).toMatchObject({ code: 0 })
    expect(keys).toEqual([expect.any(String), keys[0]])
  })

  test('is given up after the fourth time, with the id by which the operator finds it', async () => {
    const { registry, keys } = await refusing(503, 9, { 'x-request-id': 'req-1', 'retry-after': 'soon' })
    await using _ = registry
    expect(await through(registry, 'project', 'create', 'x')).toEqual({
      code: 1,
      stdout: '',
      stderr: "error: not now\n  The registry's log has more; the request id is req-1.\n",
    })
    expect(keys).toHaveLength(4)
  })

  test.each([['3600'], [new Date(Date.now() + 3_600_000).toUTCString()]])(
    'is not waited for when that takes too long: %s',
    async after => {
      const { registry, keys } = await refusing(503, 9, { 'retry-after': after })
      await using _ = registry
      expect((await through(registry, 'project', 'create', 'x')).code).toBe(1)
      expect(keys).toHaveLength(1)
    },
  )

  test('for good is not tried again, and needs no operator', async () => {
    const { registry, keys } = await refusing(400, 9, { 'x-request-id': 'req-1' })
    await using _ = registry
    expect((await through(registry, 'project', 'create', 'x')).stderr).toBe('error: not now\n')
    expect(keys).toHaveLength(1)
  })
})
