/** What people get: the packed package, installed into an empty folder, does the main job. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTree } from './cli/support.ts'

const run = promisify(execFile)
const UNREACHABLE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED/
/** In ms: a build and an installation. */
const PATIENCE = 240_000

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holotype-package-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

test(
  'the packed package installs elsewhere, serves, takes a folder and gives it back',
  async ({ skip }) => {
    const tarball = await pack()
    const home = join(folder, 'installed')
    await mkdir(home)
    await writeFile(join(home, 'package.json'), '{}')
    const options = ['--omit=dev', '--prefer-offline', '--fetch-retries=0', '--fetch-timeout=20000']
    const problem = await run('npm', ['install', tarball, ...options], { cwd: home }).then(
      () => '',
      error => String(error.stderr),
    )
    skip(UNREACHABLE.test(problem), 'the registry of npm packages can not be reached')
    expect(problem).toBe('')

    const holotype = join(home, 'node_modules/.bin/holotype')
    const path = dirname(process.execPath) + delimiter + process.env['PATH']
    const env = { PATH: path, HOME: home, XDG_CONFIG_HOME: join(home, '.config') }
    const { version } = JSON.parse(await readFile('package.json', 'utf8'))
    expect(await run(holotype, ['--version'], { cwd: home, env })).toMatchObject({ stdout: `${version}\n`, stderr: '' })

    const server = spawn(holotype, ['serve', '--port', '0', '--data-dir', 'data'], { cwd: home, env, stdio: 'pipe' })
    try {
      const client = { cwd: home, env: { ...env, ...(await readStart(server.stdout)) } }
      const files = { 'config.json': '{}', 'weights/part-1.bin': Buffer.alloc(300_000, 1), 'weights/part-2.bin': '' }
      for (const [name, bytes] of Object.entries(files)) {
        await mkdir(dirname(join(home, 'model', name)), { recursive: true })
        await writeFile(join(home, 'model', name), bytes)
      }
      await run(holotype, ['push', 'model', 'resnet', '--create'], client)
      await run(holotype, ['pull', 'resnet', 'back'], client)
      expect(Object.keys(await readTree(join(home, 'back'))).sort()).toEqual(Object.keys(files).sort())
      expect(await readTree(join(home, 'back'))).toEqual(await readTree(join(home, 'model')))
      server.kill('SIGTERM')
      expect(await once(server, 'exit')).toEqual([0, null])
    } finally {
      server.kill('SIGKILL')
    }
  },
  PATIENCE,
)

/** Builds in a copy, so that the checkout keeps what it has. Answers where the package lies. */
async function pack(): Promise<string> {
  const checkout = join(folder, 'checkout')
  const { files } = JSON.parse(await readFile('package.json', 'utf8')) as { files: string[] }
  const sources = ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'README.md', 'LICENSE']
  for (const name of [...sources, ...files.filter(file => file !== 'dist')]) {
    await cp(name, join(checkout, name), { recursive: true })
  }
  await symlink(join(process.cwd(), 'node_modules'), join(checkout, 'node_modules'))
  await run('npm', ['pack', '--pack-destination', folder], { cwd: checkout })
  const { name, version } = JSON.parse(await readFile('package.json', 'utf8'))
  return join(folder, `${name}-${version}.tgz`)
}

/** Waits until the server is ready, and answers what a client needs to speak to it. */
async function readStart(output: NodeJS.ReadableStream): Promise<{ HOLOTYPE_URL: string; HOLOTYPE_API_KEY: string }> {
  const found = { HOLOTYPE_URL: '', HOLOTYPE_API_KEY: '' }
  for await (const line of createInterface({ input: output })) {
    found.HOLOTYPE_URL ||= /ready at (http:\S+)/.exec(line)?.[1] ?? ''
    found.HOLOTYPE_API_KEY ||= /^API key: (\S+)$/.exec(line)?.[1] ?? ''
    if (found.HOLOTYPE_URL && found.HOLOTYPE_API_KEY) return found
  }
  throw new Error('the server ended before it was ready')
}
