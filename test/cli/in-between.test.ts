/** What stands between the command line and a registry, and answers in its place or changes what it says. */
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sendJson, sha256, startFakeRegistry } from './fake-registry.ts'
import { portOf } from './ports.ts'
import { readTree, run } from './support.ts'

const KEY = 'ht_akabcdefghijklm_0123456789abcdef0123456789abcdef'
let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holotype-between-'))
})

afterEach(() => rm(dir, { recursive: true, force: true }))

const holotype = async (url: string, ...args: string[]) => {
  const result = await run(args, { env: { HOLOTYPE_URL: url, HOLOTYPE_API_KEY: KEY, HOME: dir } })
  expect(result.stdout + result.stderr).not.toContain(KEY)
  expect(result.stderr, 'no place in the code').not.toMatch(/TypeError|SyntaxError| at .*\.ts/)
  return result
}

/** Answers all requests, and remembers them. */
async function startServer(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    request.resume()
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Every way in which the client asks. */
const commands: Array<[what: string, args: (file: string) => string[]]> = [
  ['a question', () => ['model', 'list']],
  ['a change', () => ['model', 'create', '-n', 'x']],
  ['a deletion', () => ['model', 'delete', 'mofake000000000', '--yes']],
  ['a push', file => ['push', file, 'mofake000000000']],
  ['a pull', () => ['pull', 'mofake000000000']],
  ['a login', () => ['login', KEY]],
]

describe('a redirect is not followed, and is told with where it leads', () => {
  for (const status of [300, 301, 302, 303, 304, 305, 307, 308, 399]) {
    test.each(commands)(`${status} to %s`, async (_what, args) => {
      await writeFile(join(dir, 'w'), 'x')
      await using other = await startServer((_request, response) => sendJson(response, 200, {}))
      await using server = await startServer(({ url = '' }, response) => {
        const location = `${other.url.replace('http://', 'http://user:geheim@')}${url.split('?')[0]}?token=geheim#geheim`
        response.writeHead(status, { location }).end()
      })
      const { code, stdout, stderr } = await holotype(server.url, ...args(join(dir, 'w')))
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain(`the answer is a redirect (status ${status}) to ${other.url}/v1/`)
      expect(stderr).toContain(`use that address: --url ${other.url}\n`)
      expect(stderr).not.toContain('geheim')
      expect(other.seen).toEqual([])
    })
  }

  test('of one file among others, and of its upload', async () => {
    await using registry = await startFakeRegistry([{ path: 'w', bytes: 'x' }], ({ url, method }, response) => {
      if (method === 'POST') sendJson(response, 200, { version: '2', modelId: 'mofake000000000', isCommitted: false })
      else if (url?.endsWith('/files/w'))
        response.writeHead(302, { location: 'https://sso.example/login?from=x' }).end()
      else return false
      return true
    })
    await writeFile(join(dir, 'w'), 'x')
    for (const args of [
      ['pull', 'fake', join(dir, 'target')],
      ['push', join(dir, 'w'), 'fake'],
      ['file', 'cat', 'fake', 'w'],
    ]) {
      const { code, stderr } = await holotype(registry.url, ...args)
      expect(code).toBe(1)
      expect(stderr).toContain('to https://sso.example/login, and redirects are not followed')
      expect(stderr).toContain('If that is a login page')
    }
  })

  test.each([[undefined], ['javascript:alert(1)'], ['//'], ['\u001b[2J']])('to no web address: %j', async location => {
    await using server = await startServer((_request, response) => {
      response.writeHead(302, location === undefined ? {} : { location: encodeURI(location) }).end()
    })
    const { code, stderr } = await holotype(server.url, 'model', 'list')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: the answer is a redirect \(status 302\)/)
    expect(stderr).not.toContain('\u001b')
  })
})

describe('an answer of the right status that is none is no success', () => {
  const html = '<!doctype html><title>Log in</title><form></form>'
  const bodies: Array<[what: string, type: string, body: string]> = [
    ['a login page', 'text/html; charset=utf-8', html],
    ['a login page that is called JSON', 'application/json', html],
    ['nothing', 'application/json', ''],
    ['nothing of no type', '', ''],
    ['null', 'application/json', 'null'],
    ['true', 'application/json', 'true'],
    ['a number', 'application/json', '7'],
    ['a text', 'application/json', '"ok"'],
    ['an empty list', 'application/json', '[]'],
    ['an empty object', 'application/json', '{}'],
    ['JSON of something else', 'application/json', '{"status":"ok","result":{"id":7}}'],
    ['a half', 'application/json', '{"id":"mofake000000000","na'],
    [
      'an id of another kind',
      'application/json',
      '{"id":7,"items":null,"nextPage":3,"version":{},"path":[],"sha256":1,"size":"x"}',
    ],
    [
      'nothing but null',
      'application/json',
      '{"id":null,"items":[null],"nextPage":null,"version":null,"user":null,"team":null}',
    ],
    [
      'ids that are commands',
      'application/json',
      '{"id":"$(reboot)","name":"x","items":[{"id":"a b"}],"nextPage":null}',
    ],
  ]
  for (const [args, argsOf] of commands) {
    test.each(bodies)(`to ${args}: %s`, async (_what, type, body) => {
      await writeFile(join(dir, 'w'), 'x')
      await using server = await startServer((_request, response) => {
        response.writeHead(200, type === '' ? {} : { 'content-type': type }).end(body)
      })
      const { code, stdout, stderr } = await holotype(server.url, ...argsOf(join(dir, 'w')))
      expect(stdout).toBe('')
      expect([1, 3]).toContain(code)
      expect(stderr).toMatch(/^error: /)
    })
  }

  test.each([
    'null',
    '{"hasMore":false,"items":[null],"nextPage":null}',
    '{"items":[{"id":["mo1"],"name":null}],"nextPage":null}',
  ])('a list with %s in it', async body => {
    await using server = await startServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    })
    const lists = ['model', 'project', 'key', 'user', 'team', 'storage-provider'].map(noun => [noun, 'list'])
    for (const args of [...lists, ['events']]) {
      const { code, stdout, stderr } = await holotype(server.url, ...args)
      expect({ code, stdout }, `${args}: ${stderr}`).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/is not one of a Holotype registry: /)
    }
  })

  test('the bytes of a file that are a login page', async () => {
    await using registry = await startFakeRegistry([{ path: 'w', bytes: 'right' }], ({ url }, response) => {
      if (!url?.endsWith('/files/w')) return false
      response.writeHead(200, { 'content-type': 'text/html' }).end(html)
      return true
    })
    const words = 'the answer (status 200) is not one of a Holotype registry; is this the right URL?'
    const cat = await holotype(registry.url, 'file', 'cat', 'fake', 'w')
    expect(cat).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(words) })
    const pull = await holotype(registry.url, 'pull', 'fake', join(dir, 'target'))
    expect(pull).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(`"w": ${words}`) })
    expect(await readTree(join(dir, 'target'))).toEqual({})
  })
})

describe('an answer of a proxy is told from one of the registry', () => {
  const cases: Array<[status: number, code: number, message: string, advice: string]> = [
    [401, 3, 'asks for a login', 'without the login page'],
    [403, 3, 'does not let this request through', 'firewall'],
    [404, 1, 'is not one of a Holotype registry; is this the right URL?', ''],
    [405, 1, 'does not let this method through', 'PUT and DELETE'],
    [407, 3, 'the proxy asks for a login', 'HTTP_PROXY'],
    [408, 1, 'has not waited for the whole request', 'client_body_timeout'],
    [411, 1, 'asks for the length of the body', 'Content-Length'],
    [413, 1, 'takes no body of this size; the registry itself was not asked', 'client_max_body_size'],
    [414, 1, 'takes no URL of this length', 'large_client_header_buffers'],
    [429, 1, 'takes no more requests for now', 'limit'],
    [431, 1, 'takes no headers of this length', 'large_client_header_buffers'],
    [502, 7, 'does not reach it', 'upstream'],
    [503, 7, 'has none to pass requests on to', '/readyz'],
    [504, 7, 'has not waited for its answer', 'proxy_read_timeout'],
    [511, 3, 'this network asks for a login first', 'browser'],
    [520, 1, 'is not one of a Holotype registry', ''],
  ]
  const bodies = [
    '<html><h1>nginx</h1></html>',
    '{"message":"no","code":413}',
    '{"code":"the proxy","message":"says no"}',
  ]
  test.each(cases)('%d', async (status, code, message, advice) => {
    for (const [index, body] of bodies.entries()) {
      await using server = await startServer((_request, response) => {
        const type = index === 0 ? 'text/html' : 'application/json'
        // So long that it is not waited for.
        response.writeHead(status, { 'content-type': type, 'retry-after': '3600' }).end(body)
      })
      const { stderr, ...result } = await holotype(server.url, 'model', 'list')
      expect(result).toEqual({ code, stdout: '' })
      expect(stderr).toContain(message)
      expect(stderr).toContain(`(status ${status})`)
      expect(stderr).toContain(advice)
      expect(stderr).not.toContain('HOLOTYPE_MAX_FILE_BYTES')
      expect(stderr).not.toContain('holotype login')
    }
  })

  test('a 404 of something else does not mean that there is no such model', async () => {
    await using server = await startServer((_request, response) => response.writeHead(404).end('not here'))
    expect(await holotype(server.url, 'model', 'get', 'mofake000000000')).toMatchObject({
      code: 1,
      stderr: 'error: the answer (status 404) is not one of a Holotype registry; is this the right URL?\n',
    })
  })

  test('a 413 to an upload names the file and the proxy', async () => {
    await using registry = await startFakeRegistry([], ({ method }, response) => {
      if (method === 'POST') sendJson(response, 200, { version: '1', modelId: 'mofake000000000', isCommitted: false })
      else if (method === 'PUT')
        response.writeHead(413, { connection: 'close' }).end('<h1>413 Request Entity Too Large</h1>')
      else return false
      return true
    })
    await writeFile(join(dir, 'w'), Buffer.alloc(5_000_000))
    const { code, stderr } = await holotype(registry.url, 'push', join(dir, 'w'), 'fake')
    expect(code).toBe(1)
    expect(stderr).toContain('error: "w": a proxy in front of the registry takes no body of this size')
  })
})

describe('a file arrives whole through a proxy that', () => {
  const bytes = Buffer.from('weights '.repeat(50_000))
  const file = { path: 'w', bytes }
  const etag = `"${sha256(bytes)}"`
  const serve = (answer: (request: IncomingMessage, response: ServerResponse) => void) =>
    startFakeRegistry([file], (request, response) => {
      if (!request.url?.endsWith('/files/w')) return false
      answer(request, response)
      return true
    })
  const expectWhole = async (url: string) => {
    expect(await holotype(url, 'pull', 'fake', join(dir, 'target'))).toMatchObject({ code: 0 })
    expect((await readFile(join(dir, 'target/w'))).equals(bytes)).toBe(true)
    expect((await holotype(url, 'file', 'cat', 'fake', 'w')).stdout).toBe(bytes.toString())
  }

  test('takes the length off and sends pieces', async () => {
    await using registry = await serve((_request, response) => {
      response.writeHead(200, { etag })
      response.write(bytes.subarray(0, 1000))
      response.end(bytes.subarray(1000))
    })
    await expectWhole(registry.url)
  })

  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('encodes it: %s', async (encoding, encode) => {
    await using registry = await serve((request, response) => {
      expect(request.headers['accept-encoding']).toBe('identity')
      response.writeHead(200, { etag: `W/${etag}`, 'content-encoding': encoding }).end(encode(bytes))
    })
    await expectWhole(registry.url)
  })

  test('encodes it, and breaks off the first time', async () => {
    let requests = 0
    await using registry = await serve(({ headers }, response) => {
      requests += 1
      const body = gzipSync(bytes)
      const head = { etag: `W/${etag}`, 'content-encoding': 'gzip' }
      if (requests === 1)
        return void response
          .writeHead(200, { ...head, 'content-length': body.length })
          .write(body.subarray(0, 500), () => response.destroy())
      // It keeps the range of what it encodes, which no one can make use of.
      if (headers.range !== undefined)
        response.writeHead(206, { ...head, 'content-range': `bytes 5-9/${bytes.length}` }).end(body)
      else response.writeHead(200, head).end(body)
    })
    await expectWhole(registry.url)
  })

  test('speaks HTTP/1.0 and ends an answer by closing', async () => {
    await using registry = await startFakeRegistry([file])
    const server = createTcpServer(socket => {
      socket.once('data', async head => {
        const path = / (\S+)/.exec(head.toString())?.[1] ?? ''
        const answer = await fetch(`${registry.url}${path}`)
        const type = answer.headers.get('content-type')
        const lines = ['HTTP/1.0 200 OK', ...(type === null ? [`etag: ${etag}`] : [`content-type: ${type}`])]
        socket.write(`${lines.join('\r\n')}\r\n\r\n`)
        socket.end(Buffer.from(await answer.arrayBuffer()))
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    await expectWhole(`http://127.0.0.1:${portOf(server)}`)
    server.close()
  })

  test('ignores ranges', async () => {
    let requests = 0
    await using registry = await serve((_request, response) => {
      requests += 1
      response.writeHead(200, { etag })
      if (requests > 1) response.end(bytes)
      else response.write(bytes.subarray(0, 1000), () => response.destroy())
    })
    await expectWhole(registry.url)
  })
})

describe('a file does not arrive through a proxy that', () => {
  const bytes = Buffer.from('weights '.repeat(5000))
  const cases: Array<[what: string, answer: (response: ServerResponse) => void]> = [
    ['shortens it without a length', response => void response.writeHead(200).end(bytes.subarray(0, 100))],
    [
      'shortens it with the length of the rest',
      response => void response.writeHead(200, { 'content-length': 100 }).end(bytes.subarray(0, 100)),
    ],
    ['sends nothing of it', response => void response.writeHead(200).end()],
    ['lengthens it without a length', response => void response.writeHead(200).end(Buffer.concat([bytes, bytes]))],
    ['changes it', response => void response.writeHead(200).end(Buffer.from(bytes).fill('x'))],
    [
      'breaks it in its encoding',
      response => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(bytes).subarray(0, 60)),
    ],
    [
      'encodes it and more',
      response => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
    ],
    [
      'encodes it in a way that nobody knows',
      response => void response.writeHead(200, { 'content-encoding': 'lzma' }).end(bytes),
    ],
    [
      'sends another part',
      response => void response.writeHead(206, { 'content-range': `bytes 7-9/${bytes.length}` }).end('abc'),
    ],
    [
      'names a part of something larger',
      response => void response.writeHead(206, { 'content-range': 'bytes 0-9/10000000' }).end(bytes),
    ],
    ['answers with a part of no name', response => void response.writeHead(206).end(bytes)],
  ]
  test.each(cases)('%s', async (_what, answer) => {
    await using registry = await startFakeRegistry([{ path: 'w', bytes }], ({ url }, response) => {
      if (!url?.endsWith('/files/w')) return false
      answer(response.setHeader('etag', `"${sha256(bytes)}"`))
      return true
    })
    const { code, stdout } = await holotype(registry.url, 'pull', 'fake', join(dir, 'target'))
    expect([1, 6, 7]).toContain(code)
    expect(stdout).toBe('')
    expect(await readTree(join(dir, 'target'))).not.toHaveProperty('w')
  })
})
