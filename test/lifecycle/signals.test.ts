/** What asks a server to stop, and what only seems to. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { databaseEnvironment } from '../support/databases.ts'
import { serve } from './server-process.ts'
import { startUpload } from './slow-upload.ts'

const KEY = `ht_ak0lifecycle000_${'lifecycle'.repeat(4)}`
const PRESET = { HOLOTYPE_ADMIN_KEY: KEY }
const launcher = fileURLToPath(new URL('../../bin/holotype.js', import.meta.url))
const WAITING = 'stopping: waiting up to 60 s for 1 request in flight; a second Ctrl-C or SIGTERM ends at once\n'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holotype-signals-'))
})

afterEach(() => rm(dir, { recursive: true, force: true }))

test.for(['SIGINT', 'SIGTERM', 'SIGQUIT'] as const)(
  '%s lets the upload in flight end first, with one line about it',
  async (signal, { expect }) => {
    await using server = await serve(dir, PRESET)
    const upload = await beginUpload(server.url)
    server.child.kill(signal)
    await untilRefused(server.url)
    expect(await upload.finish('second half')).toMatchObject({ status: 200 })
    expect(await server.output()).toMatchObject({ code: 0, stderr: WAITING })
  },
)

test('a second signal ends at once, whatever is in flight', async () => {
  await using server = await serve(dir, PRESET)
  const upload = await beginUpload(server.url)
  const cutOff = expect(upload.finished).rejects.toThrow()
  server.child.kill('SIGTERM')
  await untilRefused(server.url)
  // npm and the launcher pass a signal on, so the same one twice within half a second is one.
  await new Promise(resolve => setTimeout(resolve, 700))
  expect(await server.end('SIGTERM')).toBe(1)
  await cutOff
})

test('SIGHUP without a terminal, as under nohup, changes nothing', async () => {
  await using server = await serve(dir, PRESET)
  const upload = await beginUpload(server.url)
  for (let times = 0; times < 3; times++) server.child.kill('SIGHUP')
  expect(await upload.finish('second half')).toMatchObject({ status: 200 })
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  expect(await server.end('SIGTERM')).toBe(0)
})

test('a terminal that closes stops the server like Ctrl-C, and the upload in flight ends well', async () => {
  const [ready, ended] = [join(dir, 'ready'), join(dir, 'ended')]
  // The shell outlives the hangup, to write down how the server ended.
  const script = 'trap : HUP; "$NODE" "$LAUNCHER" serve --port 0 --data-dir "$DATA" >"$READY"; echo $? >"$ENDED"'
  const dataDir = join(dir, 'data')
  const terminal = spawn('script', ['--quiet', '--command', `bash -c '${script}'`, '/dev/null'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {
      ...{
        PATH: process.env['PATH'],
        NODE: process.execPath,
        LAUNCHER: launcher,
        DATA: dataDir,
        READY: ready,
        ENDED: ended,
      },
      ...(await databaseEnvironment(dataDir)),
      ...PRESET,
    },
  })
  try {
    const url = await readUrl(ready)
    const upload = await beginUpload(url)
    // With the program that plays the terminal, the terminal is gone.
    terminal.kill('SIGKILL')
    await untilRefused(url)
    expect(await upload.finish('second half')).toMatchObject({ status: 200 })
    await expect.poll(() => existsSync(ended) && readFile(ended, 'utf8'), { timeout: 20_000 }).toBe('0\n')
  } finally {
    kill(terminal)
  }
})

test('nohup keeps a server running when its terminal closes', async () => {
  const pidFile = join(dir, 'pid')
  const ready = join(dir, 'ready')
  const dataDir = join(dir, 'data')
  const script = 'nohup "$NODE" "$LAUNCHER" serve --port 0 --data-dir "$DATA" >"$READY" 2>&1 & echo $! >"$PID"; wait'
  const terminal = spawn('script', ['--quiet', '--command', `bash -c '${script}'`, '/dev/null'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {
      ...{
        PATH: process.env['PATH'],
        NODE: process.execPath,
        LAUNCHER: launcher,
        DATA: dataDir,
        READY: ready,
        PID: pidFile,
      },
      ...(await databaseEnvironment(dataDir)),
      ...PRESET,
    },
  })
  try {
    const url = await readUrl(ready)
    const pid = Number(await readFile(pidFile, 'utf8'))
    const upload = await beginUpload(url)
    terminal.kill('SIGKILL')
    // The hangup itself goes to the shell; it passes it on to its jobs.
    process.kill(pid, 'SIGHUP')
    expect(await upload.finish('second half')).toMatchObject({ status: 200 })
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    process.kill(pid, 'SIGTERM')
    await untilRefused(url)
  } finally {
    kill(terminal)
  }
})

async function beginUpload(url: string) {
  const { id } = await post(`${url}/v1/models`, { name: 'a model' })
  await post(`${url}/v1/models/${id}/versions`, {})
  return await startUpload(`${url}/v1/models/${id}/versions/1/files/a.bin`, KEY, 'first half, ')
}

async function post(url: string, body: object): Promise<{ id: string }> {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(answer.status).toBe(200)
  return (await answer.json()) as { id: string }
}

/** Until the server takes no new connections: it has begun to stop. */
async function untilRefused(url: string): Promise<void> {
  const isRefused = () =>
    fetch(`${url}/livez`, { headers: { connection: 'close' } }).then(
      () => false,
      () => true,
    )
  await expect.poll(isRefused, { timeout: 20_000, interval: 20 }).toBe(true)
}

async function readUrl(file: string): Promise<string> {
  let url: string | undefined
  await expect
    .poll(
      async () => {
        ;[, url] = /ready at (http:[^\s\u001b]+)/.exec(existsSync(file) ? await readFile(file, 'utf8') : '') ?? []
        return url
      },
      { timeout: 20_000, interval: 50 },
    )
    .toBeDefined()
  return String(url)
}

function kill(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
}
