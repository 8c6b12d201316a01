/** What no honest client sends is refused where it could be read in two ways, and a check that was asked for is made. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'
import { expectNeutralRefusal, expectRefusal } from './answers.ts'
import { exchange, type RawAnswer } from './raw-http.ts'

let registry: TestRegistry
let port: number
let auth: string
let model: string
let draft: string

beforeAll(async () => {
  registry = await startRegistry()
  port = Number(new URL(await registry.listen()).port)
  auth = `Authorization: Bearer ${registry.writer.key}\r\n`
  const { id } = await keepModel(registry.writer, { 'w.bin': '0123456789' })
  model = `/v1/models/${id}`
  await registry.writer.post(`/models/${id}/versions`)
  draft = `${model}/versions/2`
})
afterAll(() => registry.close())

/** The one answer to one request, whose lines are given by hand. */
async function send(line: string, headers: string, body: string | Buffer = ''): Promise<RawAnswer> {
  const head = `${line}\r\n${headers}Connection: close\r\n\r\n`
  const { answers } = await exchange(port, Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]))
  const [answer] = answers
  if (!answer || answers.length > 1) throw new Error(`${answers.length} answers came`)
  return answer
}

const HOST = 'Host: h\r\n'
const JSON_TYPE = 'Content-Type: application/json\r\n'
const countOf = async (name: string) =>
  (await registry.writer.get(`/models?limit=120&name=${encodeURIComponent(name)}`)).json().items.length

function createModel(headers: string, body: string | Buffer) {
  const length = Buffer.byteLength(body)
  return send('POST /v1/models HTTP/1.1', `${HOST}${auth}Content-Length: ${length}\r\n${headers}`, body)
}

describe('headers that may come once', () => {
  test.each([
    ['Host', 'Host: h\r\n'],
    ['Host with another value', 'Host: other.test\r\n'],
    ['host in lower case', 'host: h\r\n'],
    ['Authorization', 'Authorization: Bearer ht_other\r\n'],
    ['Idempotency-Key', 'Idempotency-Key: one\r\nIdempotency-Key: two\r\n'],
    ['the same Idempotency-Key', 'Idempotency-Key: one\r\nIDEMPOTENCY-KEY: one\r\n'],
    ['Content-Type', 'Content-Type: text/plain\r\n'],
    ['Content-Encoding', 'Content-Encoding: identity\r\nContent-Encoding: gzip\r\n'],
    ['X-Request-Id', 'X-Request-Id: a\r\nX-Request-Id: b\r\n'],
    ['X-Client', 'X-Client: paperspace-cli\r\nX-Client: x\r\n'],
  ])('%s sent twice is refused, and nothing is done', async (_what, repeated) => {
    const answer = await createModel(JSON_TYPE + repeated, '{"name":"twice"}')
    expect(expectRefusal(answer, [400])).toMatch(/^the header [a-z-]+ may come only once$/)
    expect(await countOf('twice')).toBe(0)
  })

  test.each([
    ['Range', 'Range: bytes=0-1\r\nRange: bytes=2-3\r\n'],
    ['If-Range', 'Range: bytes=0-1\r\nIf-Range: "a"\r\nIf-Range: "b"\r\n'],
    ['If-Modified-Since', 'If-Modified-Since: x\r\nIf-Modified-Since: y\r\n'],
  ])('%s sent twice is refused', async (_what, repeated) => {
    const answer = await send(`GET ${model}/versions/1/files/w.bin HTTP/1.1`, HOST + auth + repeated)
    expectRefusal(answer, [400])
  })

  test('where no door owns the path, too', async () => {
    expectNeutralRefusal(await send('GET /livez HTTP/1.1', HOST + HOST), [400])
    expectNeutralRefusal(await send('GET /nothing HTTP/1.1', HOST + HOST), [400])
  })

  test('what HTTP has as a list may come in several lines', async () => {
    const tags = `If-None-Match: "x"\r\nIf-None-Match: "${hex('0123456789')}"\r\n`
    const lines = `${tags}Accept: a/b\r\nAccept: c/d\r\nCookie: a=b\r\nCookie: c=d\r\n`
    const answer = await send(`GET ${model}/versions/1/files/w.bin HTTP/1.1`, HOST + auth + lines)
    expect(answer.status).toBe(304)
  })
})

describe('other versions of HTTP', () => {
  test.each([
    ['HTTP/0.9, without headers', 'GET /v1/models\r\n\r\n'],
    ['HTTP/0.9, with some', `GET /v1/models\r\n${HOST}\r\n`],
    ['HTTP/0.9 by name', `GET /v1/models HTTP/0.9\r\n${HOST}\r\n`],
    ['HTTP/2.0 by name', `GET /v1/models HTTP/2.0\r\n${HOST}\r\n`],
  ])('%s are refused, and the connection is ended', async (_what, bytes) => {
    const { answers, closed } = await exchange(port, bytes)
    expect({ closed, count: answers.length }).toEqual({ closed: true, count: 1 })
    for (const answer of answers) expectRefusal(answer, [400])
  })

  test('of a path that no door owns, in plain JSON', async () => {
    const { answers, closed } = await exchange(port, 'GET /livez\r\n\r\n')
    expect({ closed, count: answers.length }).toEqual({ closed: true, count: 1 })
    for (const answer of answers) expectNeutralRefusal(answer, [400])
  })

  test('HTTP/1.0 is answered', async () => {
    expect((await send('GET /v1/models HTTP/1.0', auth)).status).toBe(200)
  })
})

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64')
const hex = (text: string) => createHash('sha256').update(text).digest('hex')

describe('a digest in a trailer', () => {
  const upload = (trailer: string, name = 'trailed') =>
    send(
      `PUT ${draft}/files/${name} HTTP/1.1`,
      `${HOST}${auth}Transfer-Encoding: chunked\r\nTrailer: Content-Digest, Repr-Digest, X-Sha256\r\n`,
      `5\r\nbytes\r\n0\r\n${trailer}\r\n\r\n`,
    )

  test.each([
    ['Content-Digest', `Content-Digest: sha-256=:${sha256('other')}:`],
    ['Repr-Digest', `Repr-Digest: sha-256=:${sha256('other')}:`],
    ['X-Sha256', `X-Sha256: ${hex('other')}`],
    ['a right and a wrong one', `Content-Digest: sha-256=:${sha256('bytes')}:\r\nX-Sha256: ${hex('other')}`],
    ['one that nobody can read', 'Content-Digest: sha-256=nonsense'],
  ])('that is wrong is refused, and nothing is kept: %s', async (_what, trailer) => {
    expectRefusal(await upload(trailer), [400])
    expect((await registry.writer.get(`${draft.slice(3)}/files/trailed`)).statusCode).toBe(404)
  })

  test.each([
    ['right', `Content-Digest: sha-256=:${sha256('bytes')}:`],
    ['of another algorithm', 'Content-Digest: sha-512=:AAAA:'],
    ['missing', 'X-Other: x'],
  ])('that is %s lets the bytes in', async (name, trailer) => {
    expect((await upload(trailer, encodeURIComponent(name))).status).toBe(200)
  })

  test('and one in a header have to agree', async () => {
    const answer = await send(
      `PUT ${draft}/files/both HTTP/1.1`,
      `${HOST}${auth}Transfer-Encoding: chunked\r\nX-Sha256: ${hex('bytes')}\r\n`,
      `5\r\nbytes\r\n0\r\nX-Sha256: ${hex('other')}\r\n\r\n`,
    )
    expectRefusal(answer, [400])
  })
})

describe('JSON that is sent as something else', () => {
  test.each([
    ['gzip', 'Content-Encoding: gzip\r\n'],
    ['br behind identity', 'Content-Encoding: identity, br\r\n'],
    ['an unknown coding', 'Content-Encoding: x\r\n'],
  ])('a body in the coding %s is 415, and the answer says which one is taken', async (_what, coding) => {
    const answer = await createModel(JSON_TYPE + coding, '{"name":"coded"}')
    expectRefusal(answer, [415])
    expect(answer.headers['accept-encoding']).toBe('identity')
    expect(await countOf('coded')).toBe(0)
  })

  test('a file in a coding is 415 too', async () => {
    const head = `${HOST}${auth}Content-Length: 5\r\nContent-Encoding: gzip\r\n`
    expectRefusal(await send(`PUT ${draft}/files/coded HTTP/1.1`, head, 'bytes'), [415])
  })

  test.each(['utf-16', 'iso-8859-1', '"UTF-16LE"', 'utf-7', ''])('the charset %s is 415', async charset => {
    const answer = await createModel(`Content-Type: application/json; charset=${charset}\r\n`, '{"name":"charset"}')
    expectRefusal(answer, [415])
    expect(await countOf('charset')).toBe(0)
  })

  test.each(['utf-8', 'UTF-8', '"utf-8"', 'utf8'])('the charset %s is what JSON has', async charset => {
    const answer = await createModel(`Content-Type: application/json;charset=${charset}\r\n`, '{"name":"unicode"}')
    expect(answer.status).toBe(200)
  })

  test.each([
    ['in a header', `Content-Digest: sha-256=:${sha256('other')}:\r\n`],
    ['in hex', `X-Sha256: ${hex('other')}\r\n`],
    ['that nobody can read', 'Repr-Digest: sha-256=x\r\n'],
  ])('a wrong digest %s is refused', async (_what, digest) => {
    expectRefusal(await createModel(JSON_TYPE + digest, '{"name":"digest"}'), [400])
    expect(await countOf('digest')).toBe(0)
  })

  test('a right one is none the wiser', async () => {
    const body = '{"name":"a digest that is right"}'
    expect((await createModel(`${JSON_TYPE}X-Sha256: ${hex(body)}\r\n`, body)).status).toBe(200)
  })
})

describe('JSON of two readings', () => {
  test.each([
    ['a key twice', '{"name":"first","name":"double"}'],
    ['a key twice, once escaped', '{"name":"first","n\\u0061me":"double"}'],
    ['the same key and value twice', '{"name":"double","name":"double"}'],
    ['a key twice further in', '{"name":"double","x":[{"a":1,"a":2}]}'],
    ['a key twice beside texts with colons', '{"name":"double","x":"a:b","x":"\\":\\\\"}'],
    ['a key that means nothing twice', '{"name":"double","unknown":1,"unknown":1}'],
  ])('%s is refused', async (_what, body) => {
    expect(expectRefusal(await createModel(JSON_TYPE, body), [400])).toMatch(/a key in it comes twice$/)
    expect(await countOf('double')).toBe(0)
  })

  test.each([
    ['colons in texts', '{"name":"a:b","description":"\\": \\\\\\":"}'],
    ['colons in keys', '{"name":"colons","x:y":1,"x":{":":"::"}}'],
    ['the same key in different objects', '{"name":"apart","x":{"name":1},"y":[{"name":1},{"name":1}]}'],
    ['an escaped colon', '{"name":"esc\\u003aaped"}'],
    ['a byte order mark, which JSON lets readers pass over', '\ufeff{"name":"marked"}'],
  ])('%s are taken', async (_what, body) => {
    expect((await createModel(JSON_TYPE, body)).status).toBe(200)
  })
})

describe('queries of two readings', () => {
  test.each([
    ['a number in hex', 'limit=0x10'],
    ['a number with an exponent', 'limit=1e2'],
    ['a number with a sign', 'limit=%2B5'],
    ['a number with a blank', 'limit=%205'],
    ['digits of another script', 'limit=%D9%A3'],
    ['a number twice', 'limit=1&limit=2'],
    ['a text twice', 'name=a&name=b'],
    ['an escape that is none', 'name=%ZZ'],
    ['an escape that is cut off', 'name=%e'],
    ['bytes that are no UTF-8', 'name=%ff'],
    ['half a character', 'name=%e6%96'],
    ['an overlong slash', 'name=%c0%af'],
    ['a surrogate', 'name=%ed%a0%80'],
  ])('%s is refused', async (_what, query) => {
    expectRefusal(await send(`GET /v1/models?${query} HTTP/1.1`, HOST + auth), [400])
  })
})

describe('links', () => {
  test.each(['evil.test', 'evil.test:1', '[::1]', 'a/b', ''])(
    'never follow what a request says of its host: %s',
    async host => {
      const forwarded = 'X-Forwarded-Host: evil.test\r\nX-Forwarded-Proto: https\r\nForwarded: host=evil.test\r\n'
      const answer = await send(`GET ${model}/versions/1 HTTP/1.1`, `Host: ${host}\r\n${auth}${forwarded}`)
      expect(JSON.parse(answer.body.toString()).url).toBe(`${model}/versions/1`)
    },
  )

  test('begin with the public URL where there is one', async () => {
    await using known = await startRegistry({ HOLOTYPE_PUBLIC_URL: 'https://models.example.com/registry/' })
    const { id } = await keepModel(known.writer)
    const answer = await known.writer.get(`/models/${id}/versions/1`, { host: 'evil.test' })
    expect(answer.json().url).toBe(`https://models.example.com/registry/v1/models/${id}/versions/1`)
  })
})

describe('paths with an empty part', () => {
  test.each([
    ['GET', '/v1/models/'],
    ['PUT', '/v1/models/'],
    ['DELETE', '/v1/models/'],
    ['PATCH', '/v1/models/'],
    ['GET', '/v1/models//versions'],
    ['GET', '/v1/projects/'],
    ['GET', '/v1/projects//models'],
    ['DELETE', '/v1/api-keys/'],
    ['GET', '/v1/models/x/versions/'],
    ['GET', '/v1/models/x/versions//files'],
    ['GET', '/v1/models/x/versions/1/files/'],
    ['POST', '/v1/models/x/versions/1/files/'],
    ['DELETE', '/v1/models/x/aliases/'],
  ])('%s %s is nowhere, and is not looked up under an empty name', async (method, path) => {
    const answer = await send(`${method} ${path} HTTP/1.1`, HOST + auth)
    expect(expectRefusal(answer, [404])).toBe(`there is nothing at ${method} "${path}"; /docs shows what there is`)
  })
})
