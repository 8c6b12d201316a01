/** The lines of Python that README shows, run as they are, but for the address. */
import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { portOf } from './ports.ts'
import { type Desk, readTree, startDesk } from './support.ts'

let desk: Desk
let script: string

beforeAll(async () => {
  desk = await startDesk()
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  script = /```python\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
})

afterAll(() => desk[Symbol.asyncDispose]())

const python = (url: string, cwd: string) =>
  promisify(execFile)('python3', ['-c', script.replaceAll('http://127.0.0.1:8080', url)], {
    cwd,
    env: { PATH: process.env['PATH'], HOLOTYPE_API_KEY: desk.env['HOLOTYPE_API_KEY'] },
  })

const hasPython = spawnSync('python3', ['-c', 'import tarfile; tarfile.data_filter']).status === 0

test.skipIf(!hasPython)('three lines of Python get exactly what was pushed', async () => {
  expect(script).toContain('127.0.0.1:8080')
  const source = await desk.write('source', {
    'config.json': '{}',
    'weights/é 1.bin': randomBytes(2_000_000),
    empty: '',
  })
  await desk.json('push', source, 'my-model', '--create', '--alias', 'production')
  const { stdout, stderr } = await python(desk.url, desk.dir)
  expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' })
  expect(await readTree(join(desk.dir, 'my-model-in-python'))).toEqual(await readTree(source))
})

test.skipIf(!hasPython)(
  'a transfer that is cut short at the end of a file is no success in Python either',
  async () => {
    const source = await desk.write('cut', { a: 'x'.repeat(512), b: 'y'.repeat(512) })
    await desk.json('push', source, 'my-model', '--create', '--alias', 'production')
    const server = createServer(async ({ url = '', headers }, response) => {
      const answer = await fetch(`${desk.url}${url}`, { headers: { authorization: headers.authorization ?? '' } })
      const bytes = Buffer.from(await answer.arrayBuffer())
      if (!url.endsWith('/archive')) return void response.end(bytes)
      // What comes is a whole file with its head, and nothing of the next.
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 1024), () => response.destroy())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const cwd = await desk.write('cut-cwd', { here: '' })
    await expect(python(`http://127.0.0.1:${portOf(server)}`, cwd)).rejects.toMatchObject({
      stderr: expect.stringContaining('ContentTooShortError'),
    })
    expect(await readTree(cwd)).toEqual({ here: '' })
    server.close()
  },
)
