/** Pulls on one machine share what they have fetched, and none of them can damage it for the others. */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { appendFile, lstat, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Desk, readTree, run, startDesk } from './support.ts'

let desk: Desk
let cache: string
let name: string
let source: string
let number = 0
/** The paths of the files that the registry was asked for; an empty one needs no asking. */
let fetched: string[]

const BYTES = randomBytes(2_000_000)
const SHA256 = createHash('sha256').update(BYTES).digest('hex')
const entry = () => join(cache, 'sha256', SHA256.slice(0, 2), SHA256)

beforeAll(async () => {
  desk = await startDesk()
  await desk.registry.app.server.server.on('request', ({ method, url }) => {
    const path = /\/files\/(.+)$/.exec(url ?? '')?.[1]
    if (method === 'GET' && path !== undefined) fetched.push(path)
  })
})

afterAll(() => desk[Symbol.asyncDispose]())

beforeEach(async () => {
  number += 1
  name = `cached-${number}`
  cache = join(desk.dir, `cache-${number}`)
  source = await desk.write(name, { 'w.bin': BYTES, 'deep/small': `small ${number}`, empty: '' })
  await desk.json('push', source, name, '--create')
  fetched = []
})

const target = (suffix: string) => join(desk.dir, `${name}-${suffix}`)
const pull = (suffix: string, ...options: string[]) => desk.holotype('pull', name, target(suffix), ...options)

async function expectWhole(suffix: string): Promise<void> {
  expect(await readTree(target(suffix))).toEqual(await readTree(source))
}

const statuses = async (suffix: string, ...options: string[]) => {
  const { files } = await desk.json('pull', name, target(suffix), ...options)
  return Object.fromEntries(files.map((file: { path: string; status: string }) => [file.path, file.status]))
}

describe('a second pull', () => {
  test('takes everything from the cache, and says so', async () => {
    expect((await pull('1', '--cache', cache)).stdout).toMatch(/^Pulled 3 files, 1\.9 MiB, from/)
    expect(fetched.toSorted()).toEqual(['deep/small', 'w.bin'])
    expect((await pull('2', '--cache', cache)).stdout).toMatch(/^Pulled 3 files, 1\.9 MiB \(3 from the cache\), from/)
    expect(await statuses('3', '--cache', cache)).toEqual({
      'deep/small': 'cached',
      empty: 'cached',
      'w.bin': 'cached',
    })
    expect(fetched).toHaveLength(2)
    for (const suffix of ['1', '2', '3']) await expectWhole(suffix)
    // What helped on the way is gone.
    expect(await readdir(join(cache, 'locks'))).toEqual([])
    expect((await readdir(target('2'))).toSorted()).toEqual(['deep', 'empty', 'w.bin'])
  })

  test('finds it by the environment, unless it is not wanted', async () => {
    const env = { ...desk.env, HOLOTYPE_CACHE_DIR: cache }
    await run(['pull', name, target('1')], { env })
    await run(['pull', name, target('2')], { env })
    expect(fetched).toHaveLength(2)
    await run(['pull', name, target('3'), '--no-cache'], { env })
    expect(fetched).toHaveLength(4)
    await run(['pull', name, target('4')], { env: { ...desk.env, XDG_CACHE_HOME: join(desk.dir, 'xdg') } })
    await expect(lstat(join(desk.dir, 'xdg'))).rejects.toThrow('ENOENT')
    await run(['pull', name, target('5'), '--cache'], { env: { ...desk.env, XDG_CACHE_HOME: join(desk.dir, 'xdg') } })
    expect(await readdir(join(desk.dir, 'xdg', 'holotype'))).toContain('sha256')
    await expectWhole('5')
  })

  test('that is only tried leaves the cache as it is', async () => {
    await pull('1', '--cache', cache, '--dry-run')
    await expect(lstat(cache)).rejects.toThrow('ENOENT')
  })
})

describe('nobody gets wrong bytes', () => {
  test('where somebody changes a file that was pulled', async () => {
    await pull('1', '--cache', cache)
    await appendFile(join(target('1'), 'w.bin'), 'changed')
    await writeFile(join(target('1'), 'deep/small'), 'SMALL')
    await pull('2', '--cache', cache)
    await expectWhole('2')
    expect(fetched).toHaveLength(2)
    expect((await lstat(entry())).nlink).toBe(1)
  })

  test.each<[string, () => Promise<unknown>]>([
    ['has another byte', async () => writeFile(entry(), Buffer.concat([BYTES.subarray(1), Buffer.from('x')]))],
    ['is too short', async () => writeFile(entry(), 'short')],
    [
      'is a link to something else',
      async () => {
        await writeFile(join(desk.dir, 'elsewhere'), randomBytes(BYTES.length))
        await rm(entry())
        await symlink(join(desk.dir, 'elsewhere'), entry())
      },
    ],
  ])('where what is in the cache %s', async (_what, damage) => {
    await pull('1', '--cache', cache)
    await damage()
    const { code } = await pull('2', '--cache', cache)
    expect(code).toBe(0)
    await expectWhole('2')
    expect(fetched.filter(path => path === 'w.bin')).toHaveLength(2)
    expect((await readFile(entry())).equals(BYTES)).toBe(true)
    expect((await lstat(entry())).isFile()).toBe(true)
  })

  test('where the cache can not be used at all', async () => {
    await writeFile(cache, 'a file')
    const { code, stderr } = await pull('1', '--cache', cache)
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("The cache can't be used for") })
    await expectWhole('1')
  })
})

describe('several processes at the same time', () => {
  function start(suffix: string, url = desk.url) {
    const child = spawn(process.execPath, ['bin/holotype.js', 'pull', name, target(suffix)], {
      env: { ...desk.env, HOLOTYPE_URL: url, HOLOTYPE_CACHE_DIR: cache },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const said = text(child.stderr)
    return { child, ended: once(child, 'close').then(async ([code, signal]) => ({ code, signal, stderr: await said })) }
  }

  test('fetch each file once', async () => {
    const suffixes = ['1', '2', '3', '4', '5', '6']
    const ends = await Promise.all(suffixes.map(suffix => start(suffix).ended))
    for (const { code, stderr } of ends) expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(fetched.toSorted()).toEqual(['deep/small', 'w.bin'])
    for (const suffix of suffixes) await expectWhole(suffix)
  })

  test('go on where one is killed in the midst of it, from where that one stopped', async () => {
    await using stalling = await startStallingProxy(desk.url, 1_000_000)
    const first = start('1', stalling.url)
    await stalling.stalled
    const waiting = start('2')
    first.child.kill('SIGKILL')
    expect((await first.ended).signal).toBe('SIGKILL')
    expect(await waiting.ended).toMatchObject({ code: 0 })
    await expectWhole('2')
  })

  test('can be interrupted while they wait', async () => {
    await using stalling = await startStallingProxy(desk.url, 1_000_000)
    const first = start('1', stalling.url)
    await stalling.stalled
    const waiting = start('2')
    const spoken = once(waiting.child.stderr ?? waiting.child, 'data')
    await spoken
    waiting.child.kill('SIGINT')
    const { code, stderr } = await waiting.ended
    expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringContaining('Another pull is fetching "w.bin"') })
    first.child.kill('SIGKILL')
    await first.ended
  })
})

/** Passes requests on, but sends only so many bytes of `w.bin`, and then nothing more. */
async function startStallingProxy(registry: string, bytes: number) {
  const stalled = Promise.withResolvers<void>()
  const server = createServer((incoming, response) => {
    const { method = 'GET', headers, url } = incoming
    const outgoing = request(`${registry}${url}`, { method, headers }, answer => {
      response.writeHead(answer.statusCode ?? 0, answer.headers)
      if (!url?.endsWith('/files/w.bin')) return void answer.pipe(response)
      let left = bytes
      answer.on('data', (chunk: Buffer) => {
        if (left > 0) response.write(chunk.subarray(0, left), () => stalled.resolve())
        left -= chunk.length
      })
    })
    incoming.pipe(outgoing)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stalled: stalled.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('cache prune', () => {
  test('removes what was not used for some time, and only what is of the cache', async () => {
    await pull('1', '--cache', cache)
    const old = new Date(Date.now() - 40 * 86_400_000)
    await utimes(entry(), old, old)
    await writeFile(join(cache, 'sha256', 'notes'), 'mine')
    await mkdir(join(cache, 'sha256', 'zz'))
    await writeFile(join(cache, 'sha256', 'zz', SHA256), 'mine')
    const outside = await desk.write(`outside-${number}`, { [SHA256]: 'mine' })
    await symlink(outside, join(cache, 'sha256', SHA256.startsWith('00') ? '01' : '00'))
    const { stdout } = await desk.holotype('cache', 'prune', cache)
    expect(stdout).toBe(
      `Removed 1 file, 1.9 MiB, from ${cache}; 2 files, ${7 + String(number).length - 1} bytes stay.\n`,
    )
    expect(await desk.json('cache', 'prune', cache, '--unused-for', '0d')).toMatchObject({ files: 2, keptFiles: 0 })
    expect(await readFile(join(outside, SHA256), 'utf8')).toBe('mine')
    expect(await readdir(join(cache, 'sha256', 'zz'))).toEqual([SHA256])
    expect(await readdir(join(cache, 'sha256'))).toContain('notes')
    await pull('2', '--cache', cache)
    await expectWhole('2')
  })

  test('a use counts, and a cache that is not there is empty', async () => {
    await pull('1', '--cache', cache)
    const old = new Date(Date.now() - 40 * 86_400_000)
    await utimes(entry(), old, old)
    await pull('2', '--cache', cache)
    expect(await desk.json('cache', 'prune', cache)).toMatchObject({ files: 0, keptFiles: 3 })
    expect(await desk.json('cache', 'prune', `${cache}-none`)).toMatchObject({ files: 0, keptFiles: 0 })
    expect(await desk.holotype('cache', 'prune', cache, '--unused-for', 'long')).toMatchObject({ code: 2 })
  })
})
