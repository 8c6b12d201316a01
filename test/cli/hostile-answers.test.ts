/** Answers without an end, or larger than they look: each is refused, in bounded memory. The command runs as a process of its own with a small heap. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sendJson, sha256, startFakeRegistry } from './fake-registry.ts'
import { portOf } from './ports.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holotype-bounds-'))
})

afterEach(() => rm(dir, { recursive: true, force: true }))

/** Writes the peak of its memory, in KiB, when it ends. */
const REPORT = "process.on('exit', () => require('node:fs').writeSync(3, String(process.resourceUsage().maxRSS)))"

/** In MiB of heap; a program of Node's that does nothing needs some twenty. */
const HEAP = 96
/** In MiB, of everything. The largest answer that is taken, with what is made of it, is far below it. */
const PEAK = 320

async function holotype(url: string, ...args: string[]) {
  const preload = join(dir, 'report.cjs')
  await writeFile(preload, REPORT)
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${HEAP}`, '--require', preload, 'bin/holotype.js', ...args],
    {
      env: { PATH: process.env['PATH'], HOME: dir, HOLOTYPE_URL: url, HOLOTYPE_API_KEY: 'ht_x' },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    },
  )
  const [stdout = '', stderr = '', peak] = await Promise.all([1, 2, 3].map(index => readAll(child.stdio[index])))
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
  expect(Number(peak) / 1024, stderr).toBeLessThan(PEAK)
  return { code: child.exitCode, stdout, stderr }
}

async function readAll(stream: unknown): Promise<string> {
  return stream instanceof Readable ? await text(stream) : ''
}

const LONG = /the answer is longer than 16 MiB/

/** Sends the same piece as long as somebody takes it. */
function sendForever(response: ServerResponse, piece: string): void {
  const send = () => {
    while (!response.destroyed && response.write(piece));
  }
  response.on('drain', send)
  send()
}

const listing = (url = '') => /\/files\?/.test(url)
const json = { 'content-type': 'application/json' }

describe('an answer', () => {
  test('that never ends', async () => {
    await using registry = await startFakeRegistry([], (_request, response) => {
      response.writeHead(200, json)
      sendForever(response, `${' '.repeat(65_536)}`)
      return true
    })
    expect(await holotype(registry.url, 'model', 'list')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(LONG),
    })
  })

  test('that never ends and is a refusal', async () => {
    await using registry = await startFakeRegistry([], (_request, response) => {
      response.writeHead(500, json)
      sendForever(response, 'x'.repeat(65_536))
      return true
    })
    expect(await holotype(registry.url, 'model', 'list')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(LONG),
    })
  })

  test('that never ends, to an upload', async () => {
    await using registry = await startFakeRegistry([], ({ method, url }, response) => {
      if (method === 'POST') sendJson(response, 200, { version: '1', modelId: 'mofake000000000', isCommitted: false })
      else if (url?.endsWith('/files/w')) {
        response.writeHead(200, json)
        sendForever(response, ' '.repeat(65_536))
      } else return false
      return true
    })
    await writeFile(join(dir, 'w'), 'x')
    expect(await holotype(registry.url, 'push', join(dir, 'w'), 'fake')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(LONG),
    })
  })

  test('that announces too much', async () => {
    await using registry = await startFakeRegistry([], (_request, response) => {
      response.writeHead(200, { ...json, 'content-length': 2 ** 50 })
      response.write('{')
      return true
    })
    expect(await holotype(registry.url, 'model', 'list')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(LONG),
    })
  })

  test('that grows when it is unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(400 * 1024 * 1024))
    await using registry = await startFakeRegistry([], (_request, response) => {
      response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb)
      return true
    })
    expect(await holotype(registry.url, 'model', 'list')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(LONG),
    })
  })

  test('that is as many small things as are taken', async () => {
    await using registry = await startFakeRegistry([], (_request, response) => {
      response.writeHead(200, json).end(`{"hasMore":false,"nextPage":null,"items":[${'{},'.repeat(450_000)}{}]}`)
      return true
    })
    expect(await holotype(registry.url, 'model', 'list')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"items[0].id" is missing'),
    })
  })

  test.each([
    ['objects', '{"a":', '1', '}'],
    ['lists', '[', '', ']'],
  ])('that is nested without measure: %s', async (_what, open, middle, close) => {
    const depth = 400_000
    await using registry = await startFakeRegistry([], (_request, response) => {
      const deep = open.repeat(depth) + middle + close.repeat(depth)
      response.writeHead(200, json).end(`{"hasMore":false,"items":[],"nextPage":null,"more":${deep}}`)
      return true
    })
    expect(await holotype(registry.url, 'model', 'list', '--json')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('is nested too deeply'),
    })
  })

  test('that is many small things', async () => {
    await using registry = await startFakeRegistry([], (_request, response) => {
      response.writeHead(200, json).end(`{"hasMore":false,"nextPage":null,"items":[${'{},'.repeat(5_000_000)}{}]}`)
      return true
    })
    expect(await holotype(registry.url, 'model', 'list')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('more values than any answer'),
    })
  })
})

describe('a list of files', () => {
  const item = { path: 'a', size: 1, sha256: sha256('x') }
  const page = (items: unknown[], nextPage: string | null) => ({ hasMore: nextPage !== null, items, nextPage })
  const cases: Record<string, [answer: (count: number) => unknown, words: string]> = {
    'that goes on after what was announced': [
      count => page(Array(100).fill({ ...item, path: `a/${count}` }), `c${count}`),
      'more files than the 1 that there can be',
    ],
    'whose pages are empty for ever': [count => page([], `c${count}`), 'never ends'],
    'whose cursors go in a small circle': [count => page([], `c${count % 3}`), 'goes in a circle'],
    'whose cursor is as long as a book': [() => page([], 'c'.repeat(1_000_000)), 'never ends'],
    'that has no next page, and says neither so': [() => ({ hasMore: true, items: [] }), '"nextPage" is missing'],
    'with nothing in it where a file should be': [() => page([null], null), '"items[0]" is null'],
    'with a size that is none': [
      () => page([{ ...item, size: -1 }], null),
      '"items[0].size" is a number that none can be',
    ],
    'with a size beyond all disks': [() => page([{ ...item, size: 1e300 }], null), '"items[0].size" is a number'],
    'with a sha256 that is a path': [() => page([{ ...item, sha256: '../../x' }], null), '"items[0].sha256"'],
  }
  test.each(Object.entries(cases))('%s', async (_what, [answer, words]) => {
    let count = 0
    await using registry = await startFakeRegistry([{ path: 'a', bytes: 'x' }], ({ url }, response) => {
      if (!listing(url)) return false
      count += 1
      sendJson(response, 200, answer(count))
      return true
    })
    const { code, stdout, stderr } = await holotype(registry.url, 'pull', 'fake', join(dir, 'target'))
    expect({ code: code === 1 || code === 6, stdout, words: stderr.includes(words) }, stderr).toEqual({
      code: true,
      stdout: '',
      words: true,
    })
    expect(await readdir(dir)).toEqual(['report.cjs'])
  })
})

describe('what comes before an answer', () => {
  const start = async (talk: (socket: Socket) => void) => {
    const server = createServer(socket => {
      socket.on('error', () => {})
      socket.once('data', () => talk(socket))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { url: `http://127.0.0.1:${portOf(server)}`, [Symbol.asyncDispose]: async () => void server.close() }
  }
  const forever = (socket: Socket, piece: () => string) => {
    const send = () => {
      while (!socket.destroyed && socket.write(piece()));
    }
    socket.on('drain', send)
    send()
  }

  test('headers without end', async () => {
    await using server = await start(socket => {
      socket.write('HTTP/1.1 200 OK\r\n')
      forever(socket, () => 'x-flood: 0123456789abcdef\r\n'.repeat(1000))
    })
    expect(await holotype(server.url, 'model', 'list')).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('the headers of the answer are longer than any answer of a registry has'),
    })
  })

  test.each(['100 Continue', '103 Early Hints'])('provisional answers without end: %s', async status => {
    await using server = await start(socket => forever(socket, () => `HTTP/1.1 ${status}\r\n\r\n`.repeat(1000)))
    expect(await holotype(server.url, 'model', 'list')).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('the answer never begins: only provisional ones (1xx) come'),
    })
  })

  test('no HTTP at all', async () => {
    await using server = await start(socket => forever(socket, () => 'SSH-2.0-OpenSSH_9.2\r\n'.repeat(1000)))
    const { code, stderr } = await holotype(server.url, 'model', 'list')
    expect(code).toBe(7)
    expect(stderr).toContain('that is not HTTP')
  })
})

test('a download of which only a little comes each time comes to an end', async () => {
  const bytes = Buffer.alloc(200_000, 'x')
  let requests = 0
  await using registry = await startFakeRegistry([{ path: 'w', bytes }], ({ url, headers }, response) => {
    if (!url?.endsWith('/files/w')) return false
    requests += 1
    const start = Number(/\d+/.exec(headers.range ?? '0')?.[0])
    response.writeHead(start === 0 ? 200 : 206, {
      'content-length': bytes.length - start,
      'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
    })
    response.write('x', () => response.destroy())
    return true
  })
  expect((await holotype(registry.url, 'pull', 'fake', join(dir, 'target'))).code).toBe(7)
  expect(requests).toBe(4)
})
