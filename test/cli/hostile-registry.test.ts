import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeFile, type FakeRegistry, sendJson, sha256, startFakeRegistry } from './fake-registry.ts'
import { readTree, run } from './support.ts'

const KEY = 'ht_akabcdefghijklm_0123456789abcdef0123456789abcdef'
let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holotype-hostile-'))
})

afterEach(() => rm(dir, { recursive: true, force: true }))

function holotype(registry: FakeRegistry, ...args: string[]) {
  const homes = { XDG_CONFIG_HOME: join(dir, 'config'), XDG_STATE_HOME: join(dir, 'state') }
  const env = { HOLOTYPE_URL: registry.url, HOLOTYPE_API_KEY: KEY, ...homes }
  return run(args, { env })
}

describe('a pull writes nothing when the registry lists a path that', () => {
  const cases: Record<string, string[]> = {
    'climbs out': ['../x'],
    'climbs out further in': ['a/../../x'],
    'is absolute': ['/tmp/x'],
    'has a backslash': ['..\\x'],
    'has a drive letter': ['c:x'],
    'hides its end': ['safe\u202etxt.exe'],
    'has a line break': ['a\nb'],
    'comes twice': ['a', 'a'],
    'differs only in case': ['a', 'A'],
    'is a folder too': ['a', 'a/b'],
  }
  test.each(Object.entries(cases))('%s', async (_what, paths) => {
    await using registry = await startFakeRegistry(paths.map(path => ({ path, bytes: 'evil' })))
    const { code, stdout, stderr } = await holotype(registry, 'pull', 'fake', join(dir, 'target'))
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' })
    expect(stderr).toContain('nothing was written')
    expect(stderr).not.toMatch(/[\u202e\u0007]|a\nb/)
    expect(await readdir(dir)).toEqual([])
  })
})

describe('a pull keeps the file that is there when the registry sends', () => {
  const right = { path: 'w', bytes: 'right' }
  const cases: Record<string, FakeFile> = {
    'other bytes': { ...right, bytes: 'wrong', sha256: sha256('right') },
    'too few bytes': { ...right, bytes: 'rig', size: 5, sha256: sha256('right') },
    'too many bytes': { ...right, bytes: 'right and more', size: 5, sha256: sha256('right') },
  }
  test.each(Object.entries(cases))('%s', async (_what, file) => {
    await using registry = await startFakeRegistry([file])
    await writeFile(join(dir, 'w'), 'mine!')
    const { code } = await holotype(registry, 'pull', 'fake', dir)
    expect(code).toBe(6)
    expect(await readFile(join(dir, 'w'), 'utf8')).toBe('mine!')
  })

  test('bytes without end', async () => {
    await using registry = await startFakeRegistry([right], (request, response) => {
      if (!request.url?.endsWith('/files/w')) return false
      response.writeHead(200)
      for (let sent = 0; sent < 100; sent += 1) response.write('x'.repeat(1000))
      return true
    })
    expect((await holotype(registry, 'pull', 'fake', dir)).code).toBe(6)
    expect(await readTree(dir)).not.toHaveProperty('w')
  })
})

test('a list that leaves files out is noticed', async () => {
  await using registry = await startFakeRegistry([{ path: 'a', bytes: 'x' }], (request, response) => {
    if (!request.url?.includes('/files?')) return false
    sendJson(response, 200, { hasMore: false, items: [], nextPage: null })
    return true
  })
  expect(await holotype(registry, 'pull', 'fake', dir)).toMatchObject({
    code: 6,
    stderr: 'error: the version has 1 file, but 0 were listed\n',
  })
})

test('a list that goes in a circle comes to an end', async () => {
  await using registry = await startFakeRegistry([{ path: 'a', bytes: 'x' }], (request, response) => {
    if (!request.url?.includes('/files?')) return false
    sendJson(response, 200, { hasMore: true, items: [], nextPage: 'again' })
    return true
  })
  expect((await holotype(registry, 'pull', 'fake', dir)).code).toBe(6)
})

test('a download that breaks off goes on where it stopped', async () => {
  const bytes = 'first half, second half'
  const ranges: Array<string | undefined> = []
  await using registry = await startFakeRegistry([{ path: 'w', bytes }], (request, response) => {
    if (!request.url?.endsWith('/files/w')) return false
    const { range } = request.headers
    ranges.push(range)
    const start = Number(/\d+/.exec(range ?? '0')?.[0])
    const head = {
      'content-length': bytes.length - start,
      'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
    }
    response.writeHead(range === undefined ? 200 : 206, head)
    response.write(bytes.slice(start, start + 10), () => response.destroy())
    return true
  })
  const { code } = await holotype(registry, 'pull', 'fake', dir)
  expect({ code, ranges }).toEqual({ code: 0, ranges: [undefined, 'bytes=10-', 'bytes=20-'] })
  expect(await readFile(join(dir, 'w'), 'utf8')).toBe(bytes)
})

test('an upload that breaks off is sent again from its first byte', async () => {
  const bytes = Buffer.alloc(3_000_000, 'abc')
  const digest = sha256(`${sha256(bytes)}  ${bytes.length}  w\n`)
  const received: number[] = []
  await using registry = await startFakeRegistry([], (request, response) => {
    if (request.method === 'POST')
      sendJson(response, 200, { version: '1', modelId: 'mofake000000000', isCommitted: false })
    else if (request.url?.endsWith('/files/w')) {
      const attempt = received.push(0) - 1
      request.on('data', (chunk: Buffer) => {
        received[attempt] = (received[attempt] ?? 0) + chunk.length
        if (attempt < 2) request.socket.destroy()
      })
      request.on('end', () => sendJson(response, 200, { path: 'w', size: bytes.length, sha256: sha256(bytes) }))
    } else if (request.method === 'PUT') sendJson(response, 200, { version: '1', isCommitted: true, digest })
    else return false
    return true
  })
  await writeFile(join(dir, 'w'), bytes)
  expect(await holotype(registry, 'push', join(dir, 'w'), 'fake')).toMatchObject({ code: 0 })
  expect(received).toHaveLength(3)
  expect(received.at(-1)).toBe(bytes.length)
})

test('an upload that arrived wrong is taken out of the draft again', async () => {
  const seen: string[] = []
  await using registry = await startFakeRegistry([], (request, response) => {
    seen.push(`${request.method} ${request.url?.replace('/v1/models/mofake000000000', '')}`)
    if (request.method === 'POST')
      sendJson(response, 200, { version: '1', modelId: 'mofake000000000', isCommitted: false })
    else if (request.method === 'PUT') sendJson(response, 200, { path: 'w', size: 5, sha256: sha256('wrong') })
    else if (request.method === 'DELETE') sendJson(response, 200, {})
    else return false
    return true
  })
  await writeFile(join(dir, 'w'), 'right')
  const { code, stderr } = await holotype(registry, 'push', join(dir, 'w'), 'fake')
  expect(code).toBe(6)
  expect(stderr).toContain(`"w" arrived with the sha256 ${sha256('wrong')}`)
  expect(seen.slice(-2)).toEqual(['PUT /versions/1/files/w', 'DELETE /versions/1/files/w'])
})

test('a server that is no registry is told from one', async () => {
  await using registry = await startFakeRegistry([], (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Router</h1>')
    return true
  })
  expect(await holotype(registry, 'model', 'list')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'error: the answer (status 200) is not one of a Holotype registry; is this the right URL?\n',
  })
})

test('names from the registry cannot play tricks on the terminal', async () => {
  const name = 'a\u001b[2Jb\u202ec\nd\u0085'
  await using registry = await startFakeRegistry([], (_request, response) => {
    const model = {
      id: 'mofake000000000',
      name,
      description: null,
      isPublic: true,
      projectId: null,
      dtCreated: '2026-01-02T03:04:05.678Z',
    }
    sendJson(response, 200, { hasMore: false, items: [model], nextPage: null })
    return true
  })
  const human = await holotype(registry, 'model', 'list')
  expect(human.stdout).toBe(
    'id               name                             public  project  created               description\n' +
      'mofake000000000  a\\u001b[2Jb\\u202ec\\u000ad\\u0085  yes              2026-01-02 03:04:05Z\n',
  )
  const { stdout } = await holotype(registry, 'model', 'list', '--json')
  expect(stdout).not.toMatch(/[\u001b\u202e\u0085]/)
  expect(JSON.parse(stdout).items[0].name).toBe(name)
})

test('a refusal with tricks in it is shown without them', async () => {
  await using registry = await startFakeRegistry([], (_request, response) => {
    sendJson(response, 400, { code: 'BAD_REQUEST', message: 'no\u001b]0;title\u0007' })
    return true
  })
  expect((await holotype(registry, 'model', 'list')).stderr).toBe('error: no\\u001b]0;title\\u0007\n')
})
