/** Query strings: cursors that nobody gave out, limits beyond reason, parameters sent twice, costly searches (S51, S52, S62, S68). */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectRefusal, expectSoundAnswer } from '../hostile/answers.ts'
import { attempts, expectAlive, FUZZ_TIMEOUT_MS, startTarget, type Target } from './support.ts'

let target: Target
let lists: string[]

beforeAll(async () => {
  target = await startTarget()
  const { body: project } = await target.sendJson('POST', '/v1/projects', { name: 'queries' })
  const { body: model } = await target.sendJson('POST', '/v1/models', { name: 'queries', projectId: project.id })
  await target.sendJson('POST', '/v1/models', { name: 'another' })
  const version = `/v1/models/${model.id}/versions`
  await target.sendJson('POST', version, {})
  await target.sendJson('POST', version, {})
  for (const path of ['a', 'b', 'ü/c']) {
    await target.send({ method: 'PUT', target: `${version}/1/files/${encodeURIComponent(path)}`, body: path })
  }
  await target.sendJson('PUT', `${version}/1`, { isCommitted: true })
  for (const alias of ['production', 'staging']) {
    await target.sendJson('PUT', `/v1/models/${model.id}/aliases/${alias}`, { version: '1' })
  }
  lists = [
    ...['/v1/models', '/v1/projects', '/v1/users', '/v1/storage-providers', version, `${version}/1/files`],
    ...[`/v1/models/${model.id}/events`, `/v1/models/${model.id}/aliases`, `/v1/projects/${project.id}/models`],
  ]
})
afterAll(async () => {
  await expectAlive(target)
  await target.close()
})

describe('query strings', () => {
  test(
    'a cursor that was made up, changed or taken from another list gives a page or a clear refusal',
    async () => {
      const real: string[] = []
      for (const list of lists) {
        const { body } = await target.sendJson('GET', `${list}?limit=1`, undefined)
        if (body.nextPage !== null) real.push(body.nextPage)
      }
      expect(real.length).toBeGreaterThanOrEqual(5)
      const changed = fc.tuple(fc.constantFrom(...real), fc.nat(20), fc.string({ maxLength: 3 }))
      const cursor = fc.oneof(
        fc.constantFrom(...real),
        changed.map(([cursor, at, text]) => cursor.slice(0, at) + text + cursor.slice(at + 1)),
        fc.string({ unit: 'binary', maxLength: 30 }),
        fc.tuple(fc.constantFrom('s', 't', 'x', ''), fc.base64String({ maxLength: 60 })).map(parts => parts.join('')),
        fc.bigInt().map(number => `s${number.toString(36)}`),
        fc.constantFrom(
          's',
          't',
          '',
          's-1',
          'szzzzzzzzzz',
          'sNaN',
          's1e9',
          `t${'A'.repeat(1999)}`,
          `t${'A'.repeat(2001)}`,
        ),
      )
      const property = fc.asyncProperty(fc.constantFrom(...lists), cursor, async (list, after) => {
        const answer = await target.send({ target: `${list}?after=${encodeURIComponent(after)}` })
        if (answer.status !== 200) return void expectRefusal(answer, [400])
        expect(JSON.parse(answer.body.toString())).toEqual({
          hasMore: expect.any(Boolean),
          items: expect.any(Array),
          nextPage: expect.toSatisfy(value => value === null || typeof value === 'string'),
        })
      })
      await fc.assert(property, attempts(400))
    },
    FUZZ_TIMEOUT_MS,
  )

  test.each([
    ...[
      'limit=0',
      'limit=-1',
      'limit=1001',
      'limit=0x10',
      'limit=1e2',
      'limit=+5',
      'limit=%205',
      'limit=1000000000',
      'limit=1e3',
      'limit=1.5',
      'limit=NaN',
      'limit=Infinity',
    ],
    ...['limit=9007199254740993', 'limit=null', 'limit=', 'limit=1&limit=2', 'limit=abc', 'limit=%00'],
    ...['order=up', 'order=asc&order=desc', 'orderBy=name', 'orderBy=dtCreated;drop', 'orderBy=dtCreated&orderBy=id'],
  ])('%s is refused by every list that takes it', async query => {
    for (const list of lists) {
      // The files of a version have one order.
      if (query.startsWith('order') && list.endsWith('/files')) continue
      const message = expectRefusal(await target.send({ target: `${list}?${query}` }), [400])
      expect(message).toMatch(/^(limit|order|orderBy) /)
    }
  })

  test(
    'parameters sent twice, as lists, nested or under dangerous names change nothing they should not',
    async () => {
      const name = fc.constantFrom(
        ...[
          'limit',
          'name',
          'search',
          'tag',
          'projectId',
          'after',
          'order',
          'orderBy',
          'limit[]',
          'limit[0]',
          'filter[limit]',
        ],
        ...[
          '__proto__',
          '__proto__[limit]',
          'constructor[prototype][limit]',
          'constructor',
          'toString',
          'LIMIT',
          'limit%00',
        ],
      )
      const value = fc.oneof(
        fc.constantFrom('1', '2', '', 'asc', '[]', '{}', 'null', 'true', '%', '%ff', '%00'),
        fc.string(),
      )
      const pair = fc.tuple(name, value).map(([name, value]) => {
        return `${name}=${value.startsWith('%') ? value : encodeURIComponent(value)}`
      })
      const property = fc.asyncProperty(
        fc.constantFrom(...lists),
        fc.array(pair, { maxLength: 6 }),
        fc.constantFrom('&', ';', '&&', '&?'),
        async (list, pairs, separator) => {
          expectSoundAnswer(await target.send({ target: `${list}?${pairs.join(separator)}` }))
        },
      )
      await fc.assert(property, attempts(400))
      expect(Object.hasOwn(Object.prototype, 'limit')).toBe(false)
    },
    FUZZ_TIMEOUT_MS,
  )

  test('a parameter that a list does not declare is as good as absent, whatever its value', async () => {
    for (const list of lists) {
      const { body: plain } = await target.sendJson('GET', list, undefined)
      const undeclared = ['teamId=te0000000000000', 'modelId=mo0000000000000', 'ref=1', 'x=1&x=2', '__proto__=1']
      if (list.endsWith('/files'))
        undeclared.push('order=up', 'order=asc&order=desc', 'orderBy=path', 'search=1&search=2')
      if (!list.startsWith('/v1/models')) undeclared.push('search=1&search=2', 'tag=1&tag=2')
      for (const query of undeclared) {
        expect(await target.sendJson('GET', `${list}?${query}`, undefined)).toEqual({ status: 200, body: plain })
      }
    }
  })

  test('a search is for exactly its text: no character of it is a pattern', async () => {
    await target.sendJson('POST', '/v1/models', { name: 'plain', description: '100% of a_b \\ c* [d] (e)+ $^' })
    const found = async (search: string) => {
      const { body } = await target.sendJson('GET', `/v1/models?search=${encodeURIComponent(search)}`, undefined)
      return body.items.map((model: { name: string }) => model.name)
    }
    for (const search of ['100%', 'a_b', '\\', 'c*', '[d]', '(e)+', '$^', '% of'])
      expect(await found(search)).toEqual(['plain'])
    for (const search of ['1%0', 'a__', 'a.b', '.*', '%%', "' or 1=1 --", '%" or ""="'])
      expect(await found(search)).toEqual([])
  })

  test('a search that almost matches at every place of very many texts is over before anyone notices', async () => {
    const description = 'é'.repeat(10_000)
    await Promise.all(
      Array.from({ length: 400 }, () => target.registry.writer.post('/models', { name: 'a'.repeat(255), description })),
    )
    for (const search of [`${'é'.repeat(254)}x`, `${'a'.repeat(254)}b`, '%'.repeat(255), `${'é_'.repeat(127)}`]) {
      const url = `/v1/models?search=${encodeURIComponent(search)}`
      // One that backtracks takes longer than the exchange waits.
      const answers = await Promise.all(Array.from({ length: 10 }, () => target.send({ target: url })))
      for (const { status, body } of answers) {
        expect(status).toBe(200)
        expect(JSON.parse(body.toString()).items).toEqual([])
      }
    }
    expectRefusal(await target.send({ target: `/v1/models?search=${'a'.repeat(256)}` }), [400])
  })
})
