/** A large upload that can't succeed hears so at once, and is not read to its end only to be thrown away. */
import { once } from 'node:events'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

const CHUNK = Buffer.alloc(1024 * 1024)
const CHUNKS = 256

let registry: TestRegistry
let url: string
let committed: string
let draft: string
/** What the server has taken from the connections that the test opened. */
let bytesRead: () => number

beforeAll(async () => {
  registry = await startRegistry({ HOLOTYPE_MAX_FILE_BYTES: String(2 * CHUNK.length) })
  url = await registry.listen()
  const { id } = await keepModel(registry.writer)
  await registry.writer.post(`/models/${id}/versions`)
  committed = `/models/${id}/versions/1/files/large`
  draft = `/models/${id}/versions/2/files/large`
  const sockets: Array<{ bytesRead: number }> = []
  registry.app.server.server.on('connection', socket => sockets.push(socket))
  bytesRead = () => sockets.reduce((sum, socket) => sum + socket.bytesRead, 0)
})
afterAll(() => registry.close())

async function upload(path: string, key: string | undefined, headers: Record<string, string | number>) {
  const sent = request(url + path, {
    method: 'PUT',
    agent: false,
    headers: { authorization: `Bearer ${key}`, ...headers },
  })
  // Once the server has hung up, what is still written fails; the answer has come all the same.
  sent.on('error', () => {})
  const body = Readable.from(Array.from({ length: CHUNKS }, () => CHUNK))
  body.pipe(sent)
  const [response] = await once(sent, 'response', { signal: AbortSignal.timeout(20_000) })
  const answer = { status: response.statusCode, body: await json(response) }
  body.destroy()
  sent.destroy()
  return answer
}

const CASES: ReadonlyArray<[string, () => Parameters<typeof upload>, number, RegExp]> = [
  ['an unknown key', () => [draft, 'ht_nothing', {}], 401, /API key/],
  ['no right to write', () => [draft, registry.reader.key, {}], 403, /needs a key with the role writer/],
  ['a committed version', () => [committed, registry.writer.key, {}], 409, /version 1 is committed/],
  ["another team's model", () => [draft, registry.stranger.key, {}], 404, /does not exist/],
  ['an unsafe path', () => [draft.replace('large', 'con'), registry.writer.key, {}], 400, /path/],
  ['a digest nobody can read', () => [draft, registry.writer.key, { 'x-sha256': 'nonsense' }], 400, /64 hex digits/],
  ['a path that takes no uploads', () => ['/models', registry.writer.key, {}], 405, /not possible here/],
  ['a path that is nowhere', () => ['/nothing', registry.writer.key, {}], 404, /nothing at PUT/],
  ['more bytes than a file may have', () => [draft, registry.writer.key, {}], 413, /at most|more than/],
]

describe.each([
  ['of a declared length', { 'content-length': CHUNK.length * CHUNKS }],
  ['in chunks', {}],
])('an upload of 256 MiB %s', (_how, framing) => {
  test.each(CASES)(
    'with %s is refused long before its end, in words that arrive',
    async (_what, make, status, words) => {
      const before = bytesRead()
      const [path, key, headers] = make()
      const answer = await upload(path, key, { ...headers, ...framing })
      expect(answer).toEqual({
        status,
        body: expect.objectContaining({ code: expect.any(String), message: expect.stringMatching(words) }),
      })
      expect(bytesRead() - before).toBeLessThan((CHUNK.length * CHUNKS) / 4)
    },
  )
})
