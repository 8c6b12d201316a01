import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { VERSION } from '../../src/app.ts'
import { type Desk, run, startDesk } from './support.ts'

let desk: Desk

beforeAll(async () => {
  desk = await startDesk()
})

afterAll(() => desk[Symbol.asyncDispose]())

function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['bin/holotype.js', ...args], { env: { ...desk.env, ...env }, stdio: 'pipe' })
  return { child, outcome: outcome(child) }
}

async function outcome(child: ChildProcess) {
  const ended = once(child, 'close')
  const [stdout = '', stderr = ''] = await Promise.all(
    [child.stdout, child.stderr].map(stream => (stream ? text(stream) : '')),
  )
  const [code, signal] = await ended
  return { code, signal, stdout, stderr }
}

test('the installed command runs from the checkout on whatever Node there is', async () => {
  const words = ['--no-install', 'holotype', '--version']
  const path = (process.env['PATH'] ?? '').split(delimiter).filter(dir => !dir.includes('node_modules'))
  const child = spawn('npx', words, {
    env: { ...process.env, PATH: path.join(delimiter) },
    stdio: 'pipe',
  })
  expect(await outcome(child)).toMatchObject({ code: 0, stdout: `${VERSION}\n` })
})

test('a reader who has had enough of a file ends the command quietly', async () => {
  const source = await desk.write('pipe', { 'w.bin': randomBytes(30_000_000) })
  await desk.json('push', source, 'pipe', '--create')
  const child = spawn(process.execPath, ['bin/holotype.js', 'file', 'cat', 'pipe', 'w.bin'], {
    env: desk.env,
    stdio: 'pipe',
  })
  const stderr = text(child.stderr)
  child.stdout.once('data', () => child.stdout.destroy())
  expect((await once(child, 'close'))[0]).toBe(0)
  expect(await stderr).toBe('')
})

test('Ctrl-C in a push leaves a draft, and a second push completes it', async () => {
  const source = await desk.write('interrupted', { a: 'first', 'deep/b': 'second' })
  await desk.json('model', 'create', '-n', 'interrupted')
  // Everything goes through, but the bytes of one file never get an answer.
  await using stalling = await startProxy(desk.url, path => path.endsWith('/files/deep/b'))
  const { child, outcome } = start(['push', source, 'interrupted'], { HOLOTYPE_URL: stalling.url })
  await stalling.stalled
  await untilStored('interrupted', 'a')
  child.kill('SIGINT')
  child.kill('SIGINT')
  const { code, stdout, stderr } = await outcome
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
  expect(stderr).toMatch(
    /^Version 1 of "interrupted" stays a draft\. To go on, push it again; from another machine: holotype push .*\nerror: interrupted\n$/,
  )

  const [, command = ''] = /from another machine: holotype (.*)\n/.exec(stderr) ?? []
  const done = await desk.json(...command.split(' '))
  expect(done.version).toMatchObject({ version: '1', isCommitted: true, fileCount: 2 })
  expect(done.files).toMatchObject([
    { path: 'a', status: 'kept' },
    { path: 'deep/b', status: 'uploaded' },
  ])
})

test('Ctrl-C in a pull ends it, and what had come is not fetched again', async () => {
  const source = await desk.write('stopped', { 'w.bin': randomBytes(3_000_000) })
  await desk.json('push', source, 'stopped', '--create')
  await using stalling = await startProxy(desk.url, path => path.endsWith('/files/w.bin'), 1_000_000)
  const target = join(desk.dir, 'stopped-back')
  const { child, outcome } = start(['pull', 'stopped', target], { HOLOTYPE_URL: stalling.url })
  await stalling.stalled
  child.kill('SIGINT')
  expect(await outcome).toMatchObject({
    code: 130,
    stderr: 'What has come is kept: the same command resumes where this one stopped.\nerror: interrupted\n',
  })
  expect((await desk.holotype('pull', 'stopped', target)).stdout).toContain('Pulled 1 file')
})

test('a port that is taken is named, with the setting that changes it', async () => {
  const { port } = new URL(desk.url)
  const { outcome } = start(['serve', '--port', port, '--data-dir', join(desk.dir, 'second')])
  expect(await outcome).toMatchObject({
    code: 1,
    // The first key of a new registry is shown once, so it is shown whatever fails later.
    stdout: expect.stringMatching(/^API key: ht_/),
    stderr: `error: something else listens on port ${port} of 127.0.0.1 already\n  Stop it, or choose another port with --port or HOLOTYPE_PORT; 0 takes a free one.\n`,
  })
})

test('a setting that cannot be used is told in a sentence', async () => {
  expect(await run(['serve', '--port', '99999'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: HOLOTYPE_PORT must be a whole number from 0 to 65535, not "99999"\n',
  })
})

/** Until the draft of a model has the file, in a bounded number of looks. */
async function untilStored(model: string, path: string): Promise<void> {
  for (let look = 0; look < 1000; look += 1) {
    const { items } = await desk.json('file', 'list', `${model}@1`)
    if (items.some((file: { path: string }) => file.path === path)) return
  }
  throw new Error(`${path} never arrived`)
}

/** Passes requests on, but stalls those to some paths: without an answer, or after so many bytes of it. */
async function startProxy(target: string, stalls: (path: string) => boolean, answerBytes = 0) {
  const stalled = Promise.withResolvers<void>()
  const server = createServer((incoming, response) => {
    const isStalling = stalls(incoming.url ?? '')
    if (isStalling && answerBytes === 0) return stalled.resolve()
    const { method = 'GET', headers, url } = incoming
    const outgoing = request(`${target}${url}`, { method, headers }, answer => {
      response.writeHead(answer.statusCode ?? 0, answer.headers)
      if (!isStalling) return void answer.pipe(response)
      let left = answerBytes
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
