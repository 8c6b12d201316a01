/** What is no proper HTTP reaches no route, and still gets an answer that clients can read. Over real sockets. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exchange, openSocket, parseAnswer, sendRequest } from '../support/raw-http.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
let url: string
beforeAll(async () => {
  r = await startRegistry()
  url = await r.listen()
})
afterAll(() => r.close())

const head = (line: string, ...headers: string[]) => [line, 'host: x', ...headers, '', ''].join('\r\n')

describe('broken HTTP', () => {
  // S55
  test.each([
    ['two different lengths', `${head('POST /v1/models HTTP/1.1', 'content-length: 2', 'content-length: 3')}{}`],
    [
      'a length and chunks',
      `${head('POST /v1/models HTTP/1.1', 'content-length: 2', 'transfer-encoding: chunked')}0\r\n\r\n`,
    ],
    ['a length that is no number', head('POST /v1/models HTTP/1.1', 'content-length: x')],
    ['a header folded over two lines', head('GET /v1/models HTTP/1.1', 'x-a: b\r\n c: d')],
    ['a header name with a space', head('GET /v1/models HTTP/1.1', 'x a: b')],
    ['a control character in a header', head('GET /v1/models HTTP/1.1', 'x-a: \x01')],
  ])('%s is 400 in the envelope', async (_what, bytes) => {
    const { status, body } = parseAnswer(await exchange(url, bytes))
    expect(status).toBe(400)
    expect(body).toEqual({ code: 'BAD_REQUEST', message: 'this is not a well-formed HTTP request' })
  })

  test.each([
    ['nonsense', 'nonsense\r\n\r\n'],
    ['a TLS handshake', Buffer.from('16030100c8010000c40303', 'hex')],
    ['a broken header of a path that no door owns', head('GET /nothing HTTP/1.1', 'x a: b')],
  ])('%s is 400 in plain JSON', async (_what, bytes) => {
    const answer = await exchange(url, bytes)
    expect(parseAnswer(answer)).toEqual({ status: 400, body: { message: 'this is not a well-formed HTTP request' } })
    expect(answer).toMatch(/^x-request-id: [0-9a-f-]{36}\r$/m)
  })

  test('what breaks in the middle of a body is answered by the door of that request', async () => {
    const socket = await openSocket(url)
    socket.write(
      `${head('PUT /v1/models/x/versions/1/files/a HTTP/1.1', `authorization: Bearer ${r.writer.key}`, 'transfer-encoding: chunked')}3\r\nabc\r\n`,
    )
    // So that the second packet has no request line.
    await new Promise(resolve => r.app.server.server.once('request', resolve))
    socket.write('zz\r\n')
    let answer = ''
    for await (const chunk of socket) answer += chunk
    expect(parseAnswer(answer)).toMatchObject({ body: { code: expect.any(String), message: expect.any(String) } })
  })

  test('headers that are too large are 431 in the envelope', async () => {
    const { status, body } = parseAnswer(
      await exchange(url, head('GET /v1/models HTTP/1.1', `x-a: ${'x'.repeat(20_000)}`)),
    )
    expect(status).toBe(431)
    expect(body).toEqual({ code: 'BAD_REQUEST', message: 'the headers are too large' })
  })

  test('a path that is too long is 431 too', async () => {
    const { status } = parseAnswer(await exchange(url, head(`GET /v1/models/${'x'.repeat(20_000)} HTTP/1.1`)))
    expect(status).toBe(431)
  })

  test('a malformed chunk breaks the upload off, and nothing is kept', async () => {
    const { id } = (await r.writer.post('/models', { name: 'x' })).json()
    await r.writer.post(`/models/${id}/versions`)
    const line = `PUT /v1/models/${id}/versions/1/files/a HTTP/1.1`
    const request = head(line, `authorization: Bearer ${r.writer.key}`, 'transfer-encoding: chunked')
    const answer = await exchange(url, `${request}3\r\nabc\r\nzz\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect((await r.writer.get(`/models/${id}/versions/1/files/a`)).statusCode).toBe(404)
    expect((await r.writer.get(`/models/${id}/versions/1`)).json().fileCount).toBe(0)
  })

  // S54: no header may kill the process.
  test('the server goes on after all of it', async () => {
    const socket = await openSocket(url)
    socket.destroy()
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const answer = await sendRequest(url, { path: '/auth/session', headers: { [name]: 'x' } })
      expect(answer.status, name).toBe(200)
    }
  })
})

describe('paths that nothing tidies up on the way', () => {
  test.each([
    ['/../v1/models', 404],
    ['/models/../models', 404],
    ['//models', 404],
    ['/models/.', 404],
    ['/Models', 404],
    ['/models;x=y', 404],
    ['/models/%2e%2e', 404],
    ['/models%2f', 404],
  ])('%s is no way around anything', async (path, status) => {
    const answer = await sendRequest(url, { path, headers: { authorization: `Bearer ${r.reader.key}` } })
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body.toString()).code).toBe('NOT_FOUND')
  })

  test.each(['GET http://elsewhere/v1/models', 'GET /v1/models#x'])('%s asks for a key like any other', async line => {
    const { status } = parseAnswer(await exchange(url, head(`${line} HTTP/1.1`, 'connection: close')))
    expect(status).toBe(401)
  })

  test('a refused upload is not read to its end', async () => {
    const socket = await openSocket(url)
    socket.write(head('PUT /v1/models/x/versions/1/files/a HTTP/1.1', `content-length: ${2 ** 40}`))
    let answer = ''
    for await (const chunk of socket) answer += chunk
    expect(parseAnswer(answer)).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } })
    expect(answer.toLowerCase()).toContain('connection: close')
  })
})
