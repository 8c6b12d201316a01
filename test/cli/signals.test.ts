/** The first signal ends a command, whatever it waits for. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeRegistry, sendJson, startFakeRegistry } from './fake-registry.ts'
import { portOf } from './ports.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holotype-signals-'))
})

afterEach(() => rm(dir, { recursive: true, force: true }))

/** What a command that doesn't end is ended by, in ms: the test fails then. */
const LIMIT_MS = 20_000

function start(
  url: string,
  args: string[],
  { stdio = 'pipe' }: { stdio?: 'pipe' | Array<'pipe' | 'ignore' | number> } = {},
) {
  const child = spawn(process.execPath, ['bin/holotype.js', ...args], {
    env: { PATH: process.env['PATH'], HOME: dir, HOLOTYPE_URL: url, HOLOTYPE_API_KEY: 'ht_x' },
    stdio,
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  })
  const stderr = child.stderr ? text(child.stderr) : Promise.resolve('')
  const stdout = child.stdout ? text(child.stdout) : Promise.resolve('')
  const ended = once(child, 'close').then(async ([code, signal]) => ({
    code,
    signal,
    stdout: await stdout,
    stderr: await stderr,
  }))
  return { child, ended }
}

/** A fake whose every answer to some paths never comes. `reached` resolves when one has been asked for. */
async function startStalling(isStalling: (method: string, url: string) => boolean) {
  const reached = Promise.withResolvers<void>()
  const registry = await startFakeRegistry([{ path: 'w', bytes: 'right' }], ({ method = '', url = '' }, response) => {
    if (isStalling(method, url)) {
      reached.resolve()
      return true
    }
    if (method !== 'POST') return false
    sendJson(response, 200, { version: '1', modelId: 'mofake000000000', isCommitted: false })
    return true
  })
  return { registry, reached: reached.promise }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP'] as const

describe.each(SIGNALS)('%s', signal => {
  test('ends a pull, which says that it resumes', async () => {
    const { registry, reached } = await startStalling((_method, url) => url.endsWith('/files/w'))
    await using _ = registry
    const { child, ended } = start(registry.url, ['pull', 'fake', join(dir, 'target')])
    await reached
    child.kill(signal)
    expect(await ended).toEqual({
      code: 130,
      signal: null,
      stdout: '',
      stderr: 'What has come is kept: the same command resumes where this one stopped.\nerror: interrupted\n',
    })
  })

  test('ends a push, which says how to go on', async () => {
    const { registry, reached } = await startStalling((method, url) => method === 'PUT' && url.endsWith('/files/w'))
    await using _ = registry
    await writeFile(join(dir, 'w'), 'x')
    const { child, ended } = start(registry.url, ['push', join(dir, 'w'), 'fake'])
    await reached
    child.kill(signal)
    const { stderr, ...result } = await ended
    expect(result).toEqual({ code: 130, signal: null, stdout: '' })
    expect(stderr).toMatch(/: holotype push .*\nerror: interrupted\n$/)
  })

  test('ends a question that is not answered', async () => {
    const { registry, reached } = await startStalling(() => true)
    await using _ = registry
    const { child, ended } = start(registry.url, ['model', 'list', '--json'])
    await reached
    child.kill(signal)
    const { stderr, ...result } = await ended
    expect(result).toEqual({ code: 130, signal: null, stdout: '' })
    expect(JSON.parse(stderr)).toEqual({ code: 'interrupted', message: 'interrupted', exitCode: 130 })
  })
})

describe('what a signal does not have to wait for', () => {
  test('a server that sends its answer without end, a byte now and then', async () => {
    const reached = Promise.withResolvers<void>()
    const server = createServer(socket => {
      socket.on('error', () => {})
      const timer = setInterval(() => socket.write(' '), 20)
      socket.once('close', () => clearInterval(timer))
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n', () => reached.resolve())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { child, ended } = start(`http://127.0.0.1:${portOf(server)}`, ['model', 'list'])
    await reached.promise
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 130, stderr: 'error: interrupted\n' })
    server.close()
  })

  test('a TLS handshake that is not answered', async () => {
    const reached = Promise.withResolvers<void>()
    const server = createServer(socket => void socket.once('data', () => reached.resolve()).on('error', () => {}))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { child, ended } = start(`https://127.0.0.1:${portOf(server)}`, ['model', 'list'])
    await reached.promise
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 130, stderr: 'error: interrupted\n' })
    server.close()
  })

  test('a key that nobody types', async () => {
    const { registry } = await startStalling(() => true)
    await using _ = registry
    const { child, ended } = start(registry.url, ['login', '-'])
    await untilListening(child.pid)
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 130, stderr: 'error: interrupted\n' })
  })

  test('a reader of its answer who does not read', async () => {
    await using registry = await startFakeRegistry([], (_request, response) => {
      const model = { id: 'mofake000000000', name: 'x'.repeat(300_000) }
      sendJson(response, 200, { hasMore: false, items: [model], nextPage: null })
      return true
    })
    const fifo = join(dir, 'fifo')
    execFileSync('mkfifo', [fifo])
    // Open on both sides, so that nothing waits but the one who writes.
    const pipe = openSync(fifo, 'r+')
    const { child, ended } = start(registry.url, ['model', 'list', '--json'], { stdio: ['ignore', pipe, 'pipe'] })
    await untilBlocked(child.pid)
    child.kill('SIGTERM')
    const { code, signal } = await ended
    closeSync(pipe)
    expect(code === 130 || signal === 'SIGTERM', `${code} ${signal}`).toBe(true)
  })

  test('a thread of its own that waits in the system', async () => {
    // Like the name of a host that no server resolves: a call that nothing can call off.
    const fifo = join(dir, 'fifo')
    execFileSync('mkfifo', [fifo])
    const preload = join(dir, 'hang.cjs')
    await writeFile(preload, `require('node:fs').open(${JSON.stringify(fifo)}, 'r', () => {})`)
    const { registry, reached } = await startStalling(() => true)
    await using _ = registry
    const child = spawn(process.execPath, ['--require', preload, 'bin/holotype.js', 'model', 'list'], {
      env: { PATH: process.env['PATH'], HOME: dir, HOLOTYPE_URL: registry.url, HOLOTYPE_API_KEY: 'ht_x' },
      stdio: 'pipe',
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    })
    const stderr = text(child.stderr)
    await reached
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([null, 'SIGTERM'])
    expect(await stderr).toBe('error: interrupted\n')
  })
})

test('a hangup is passed over where nobody is there: no terminal, and a file for what is said', async () => {
  const gate = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  await using registry: FakeRegistry = await startFakeRegistry([{ path: 'w', bytes: 'right' }], ({ url }, response) => {
    if (!url?.endsWith('/files/w')) return false
    reached.resolve()
    void gate.promise.then(() => response.end('right'))
    return true
  })
  const log = openSync(join(dir, 'nohup.out'), 'a')
  const { child, ended } = start(registry.url, ['pull', 'fake', join(dir, 'target')], { stdio: ['ignore', log, log] })
  await reached.promise
  child.kill('SIGHUP')
  child.kill('SIGHUP')
  gate.resolve()
  expect(await ended).toMatchObject({ code: 0 })
  closeSync(log)
  expect(await readFile(join(dir, 'target/w'), 'utf8')).toBe('right')
  expect(await readFile(join(dir, 'nohup.out'), 'utf8')).toContain('Pulled 1 file')
})

/** Until the command listens for signals, in a bounded number of looks. Of SIGHUP nothing else takes notice. */
async function untilListening(pid: number | undefined): Promise<void> {
  const SIGHUP_BIT = 1n
  await untilStatus(pid, status => {
    const caught = BigInt(`0x${/SigCgt:\s*([0-9a-f]+)/.exec(status)?.[1] ?? '0'}`)
    return (caught & SIGHUP_BIT) !== 0n
  })
}

/** Until the process listens for signals and sleeps. */
async function untilBlocked(pid: number | undefined): Promise<void> {
  await untilListening(pid)
  let asleep = 0
  await untilStatus(pid, status => {
    asleep = /State:\s*S/.test(status) ? asleep + 1 : 0
    return asleep > 50
  })
}

async function untilStatus(pid: number | undefined, isRight: (status: string) => boolean): Promise<void> {
  for (let look = 0; look < 100_000; look += 1) {
    if (isRight(await readFile(`/proc/${pid}/status`, 'utf8'))) return
  }
  throw new Error('the process never got there')
}
