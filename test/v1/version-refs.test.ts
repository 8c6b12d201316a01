import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
let id: string
beforeAll(async () => {
  r = await startRegistry()
  // Version 1 and 2 are committed, 3 is a draft, 4 is deleted.
  id = (await keepModel(r.writer, { w: 'one' })).id
  const versions = `/models/${id}/versions`
  await r.writer.post(versions)
  await r.writer.put(`${versions}/2/files/w`, 'two')
  await r.writer.put(`${versions}/2`, { isCommitted: true })
  await r.writer.post(versions)
  await r.writer.put(`${versions}/3/files/w`, 'three')
  await r.writer.post(versions)
  await r.writer.put(`${versions}/4`, { isCommitted: true })
  await r.writer.delete(`${versions}/4`)
  await r.writer.put(`/models/${id}/aliases/prod`, { version: '1' })
  await r.writer.put(`/models/${id}/aliases/x-2023`, { version: 2 })
})
afterAll(() => r.close())

const below = ['', '/files', '/files/w', '/archive']

describe('how a version is named', () => {
  test.each([
    ['1', '1'],
    ['2', '2'],
    ['3', '3'],
    ['prod', '1'],
    ['x-2023', '2'],
    // The newest committed one: neither the draft nor the deleted one.
    ['latest', '2'],
  ])('%s is version %s, on every path below', async (ref, version) => {
    const answer = await r.reader.get(`/models/${id}/versions/${ref}`)
    expect(answer.json().version).toBe(version)
    for (const path of below) {
      const found = await r.reader.get(`/models/${id}/versions/${ref}${path}`)
      expect(found.statusCode, path).toBe(200)
      expect(found.headers['x-holotype-version'] ?? version).toBe(version)
    }
  })

  test.each([
    ['0', 'version "0"'],
    ['01', 'version "01"'],
    ['00000000000000000001', 'version "00000000000000000001"'],
    ['-1', 'version or alias "-1"'],
    ['+1', 'version or alias "+1"'],
    ['1.0', 'version or alias "1.0"'],
    ['1e0', 'version or alias "1e0"'],
    ['0x1', 'version or alias "0x1"'],
    ['%201', 'version or alias " 1"'],
    ['٣', 'version or alias "٣"'],
    ['4', 'version "4"'],
    ['5', 'version "5"'],
    ['9007199254740993', 'version "9007199254740993"'],
    ['99999999999999999999999999', 'version "99999999999999999999999999"'],
    ['NaN', 'version or alias "NaN"'],
    ['null', 'version or alias "null"'],
    ['Latest', 'version or alias "Latest"'],
    ['PROD', 'version or alias "PROD"'],
    ['v1', 'version or alias "v1"'],
    ['__proto__', 'version or alias "__proto__"'],
    ['%00', 'version or alias "\\u0000"'],
  ])('%s is no version: model … has no %s', async (ref, what) => {
    for (const path of below) {
      const answer = await r.reader.get(`/models/${id}/versions/${ref}${path}`)
      expect(answer.json(), path).toEqual({ code: 'NOT_FOUND', message: `model "${id}" has no ${what}` })
    }
    expect((await r.writer.delete(`/models/${id}/versions/${ref}`)).statusCode).toBe(404)
    expect((await r.writer.put(`/models/${id}/versions/${ref}/files/x`, 'x')).statusCode).toBe(404)
  })

  test('latest of a model without a committed version is 404, and says why', async () => {
    const empty = (await r.writer.post('/models', { name: 'm' })).json()
    await r.writer.post(`/models/${empty.id}/versions`)
    for (const path of below) {
      expect((await r.reader.get(`/models/${empty.id}/versions/latest${path}`)).json()).toEqual({
        code: 'NOT_FOUND',
        message: `model "${empty.id}" has no committed version yet`,
      })
    }
  })

  test('a version may be changed and deleted by an alias too', async () => {
    const kept = await keepModel(r.writer)
    await r.writer.put(`/models/${kept.id}/aliases/a`, { version: 'latest' })
    const changed = await r.writer.put(`/models/${kept.id}/versions/a`, { message: 'by alias' })
    expect(changed.json()).toMatchObject({ version: '1', message: 'by alias' })
    expect((await r.writer.delete(`/models/${kept.id}/versions/a`)).statusCode).toBe(409)
    await r.writer.delete(`/models/${kept.id}/aliases/a`)
    expect((await r.writer.delete(`/models/${kept.id}/versions/latest`)).json().version).toBe('1')
  })
})

describe('the url of a version', () => {
  test.each([
    { host: 'models.internal:8080' },
    { host: 'a', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'host=evil' },
  ])('is a path, whatever a request says of its host: %j', async headers => {
    const answer = await r.reader.get(`/models/${id}/versions/prod`, headers)
    expect(answer.json().url).toBe(`/v1/models/${id}/versions/1`)
  })
})
