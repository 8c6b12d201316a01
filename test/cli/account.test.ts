import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Desk, run, startDesk } from './support.ts'

let desk: Desk
/** Of a second registry. */
let other: Desk

beforeAll(async () => {
  desk = await startDesk()
  other = await startDesk()
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})

/** A home without anything in it. */
async function newHome(name: string) {
  const env = { XDG_CONFIG_HOME: join(desk.dir, name) }
  return { env, file: join(desk.dir, name, 'holotype', 'config.json') }
}

const keyOf = (caller: { key: string | undefined }) => caller.key ?? ''

test('a login is checked, kept for its owner only, and used until the logout', async () => {
  const { env, file } = await newHome('plain')
  const key = keyOf(desk.registry.writer)
  const login = await run(['login', key, '--url', `${desk.url}/v1/`], { env })
  expect(login).toMatchObject({ code: 0, stdout: `Logged in to ${desk.url}, team default.\n` })
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ url: desk.url, key })
  expect((await stat(file)).mode & 0o777).toBe(0o600)

  const whoami = await run(['whoami'], { env })
  expect(whoami).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`registry  ${desk.url}\nteam      default\n`),
  })
  expect(login.stdout + login.stderr + whoami.stdout + whoami.stderr).not.toContain(key)

  expect(await run(['logout'], { env })).toMatchObject({ code: 0 })
  expect((await run(['whoami'], { env })).code).toBe(3)
  expect(await run(['logout', '--json'], { env })).toEqual({
    code: 0,
    stdout: '{\n  "wasLoggedIn": false\n}\n',
    stderr: '',
  })
})

test('a login again replaces the first', async () => {
  const { env, file } = await newHome('twice')
  await run(['login', keyOf(desk.registry.writer), '--url', desk.url], { env })
  await run(['login', keyOf(other.registry.reader), '--url', other.url], { env })
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ url: other.url, key: keyOf(other.registry.reader) })
})

test('a key can come from stdin, where no list of processes shows it', async () => {
  const { env } = await newHome('stdin')
  const input = `${keyOf(desk.registry.reader)}\n`
  expect(await run(['login', '-', '--url', desk.url], { env, input })).toMatchObject({ code: 0 })
  expect((await run(['whoami', '--json'], { env })).code).toBe(0)
})

test('a wrong key is not kept and not shown', async () => {
  const { env, file } = await newHome('wrong')
  const key = 'ht_akabcdefghijklm_0123456789abcdef0123456789abcdef'
  const { code, stdout, stderr } = await run(['login', key, '--url', desk.url], { env })
  expect(code).toBe(3)
  expect(stdout + stderr).not.toContain(key)
  await expect(stat(file)).rejects.toThrow('ENOENT')
})

test('a key with a line break in it does not get into an error', async () => {
  const { env } = await newHome('broken')
  const result = await run(['model', 'list'], {
    env: { ...env, HOLOTYPE_API_KEY: 'ht_secret\nsecret', HOLOTYPE_URL: desk.url },
  })
  expect(result.code).toBe(3)
  expect(result.stderr).not.toContain('secret\n')
  expect(result.stderr).not.toContain('ht_secret')
})

test('without a terminal nobody is asked for a key', async () => {
  const { env } = await newHome('no-terminal')
  expect(await run(['login', '--url', desk.url], { env })).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: there is no API key to log in with\n  Give it: holotype login <key>\n',
  })
})

test('flags win over the environment, and that over the login', async () => {
  const { env } = await newHome('precedence')
  await run(['login', keyOf(desk.registry.writer), '--url', desk.url], { env })
  const teamOf = async (args: string[], more: Record<string, string> = {}) => {
    const { stdout } = await run(['whoami', '--json', ...args], { env: { ...env, ...more } })
    return JSON.parse(stdout).team.namespace
  }
  const stranger = { HOLOTYPE_API_KEY: keyOf(desk.registry.stranger) }
  expect(await teamOf([])).toBe('default')
  expect(await teamOf([], stranger)).toMatch(/^other-/)
  expect(await teamOf(['--api-key', keyOf(desk.registry.reader)], stranger)).toBe('default')

  const elsewhere = { HOLOTYPE_URL: other.url, HOLOTYPE_API_KEY: keyOf(other.registry.stranger) }
  expect(await teamOf([], elsewhere)).toMatch(/^other-/)
  expect(await teamOf(['--url', desk.url, '--api-key', keyOf(desk.registry.admin)], elsewhere)).toBe('default')
})

test('the stored key never goes to another registry', async () => {
  const { env } = await newHome('elsewhere')
  await run(['login', keyOf(desk.registry.writer), '--url', desk.url], { env })
  const seen: unknown[] = []
  other.registry.app.server.server.once('request', request => seen.push(request.headers.authorization))
  expect(await run(['model', 'list', '--url', other.url], { env })).toEqual({
    code: 3,
    stdout: '',
    stderr: `error: not logged in to ${other.url}\n  Log in first: holotype login --url ${other.url}\n`,
  })
  expect(seen).toEqual([])
})

test('a login file that is damaged says so', async () => {
  const { env, file } = await newHome('damaged')
  await mkdir(join(desk.dir, 'damaged', 'holotype'), { recursive: true })
  await writeFile(file, '{"url": ')
  expect(await run(['whoami'], { env })).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: ${file} is damaged\n  Remove it with \`holotype logout\`, then log in again.\n`,
  })
})
