/** Whatever is sent, its answer has an id: without one a complaint can't be found in the log. */
import { once } from 'node:events'
import { afterAll, beforeAll, test } from 'vitest'
import { openSocket } from '../support/raw-http.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
let url: string

beforeAll(async () => {
  r = await startRegistry()
  url = await r.listen()
})
afterAll(() => r.close())

const SENT: Record<string, string> = {
  'no Host': 'GET /v1/models HTTP/1.1\r\n\r\n',
  'two of them': 'GET /v1/models HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n',
  'HTTP/0.9': 'GET /v1/models\r\n\r\n',
  'an expectation that nobody meets':
    'PUT /v1/models HTTP/1.1\r\nhost: a\r\nexpect: 200-ok\r\ncontent-length: 3\r\n\r\nabc',
  'a question about everything': 'OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
  'an upgrade': 'GET /livez HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
  'a method without a route': 'PROPFIND /v1/models HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
  'a method that is none': 'FOO /v1/models HTTP/1.1\r\nhost: a\r\n\r\n',
  'HTTP/1.0': 'GET /v1/models HTTP/1.0\r\n\r\n',
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'large headers': `GET /v1/models HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`,
  'a long path': `GET /v1/models/${'y'.repeat(10_000)} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
  'a crooked path': 'GET /v1/models/%zz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
  'a TLS greeting': '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  'an upload without a key':
    'PUT /v1/models/x/versions/1/files/y HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 300000000\r\n\r\n',
  'an encoding that nobody knows': 'POST /v1/models HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n',
  'a page of the documentation': 'GET /docs/ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
  'the metrics without a key': 'GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
}

test.for(Object.entries(SENT))('the answer to %s has one', async ([, bytes], { expect }) => {
  const socket = await openSocket(url)
  socket.on('error', () => {})
  socket.write(bytes)
  const [answer] = await once(socket, 'data')
  socket.destroy()
  expect(String(answer)).toMatch(/^HTTP\/1\.1 \d{3} /)
  expect(String(answer)).toMatch(/^x-request-id: [0-9a-f-]{36}\r$/im)
})
