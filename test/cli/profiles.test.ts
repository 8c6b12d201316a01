/** Several registries, each with a login of its own. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Desk, run, startDesk } from './support.ts'

let desk: Desk
let other: Desk
let env: Record<string, string>
let file: string
let number = 0

beforeAll(async () => {
  desk = await startDesk()
  other = await startDesk()
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})

const writer = () => desk.registry.writer.key ?? ''
const reader = () => other.registry.reader.key ?? ''

beforeEach(async () => {
  number += 1
  env = { XDG_CONFIG_HOME: join(desk.dir, `home-${number}`) }
  file = join(desk.dir, `home-${number}`, 'holotype', 'config.json')
})

const holotype = (...args: string[]) => run(args, { env })

async function logInToBoth(): Promise<void> {
  expect(await holotype('login', writer(), '--url', desk.url)).toMatchObject({ code: 0 })
  expect(await holotype('login', reader(), '--url', other.url, '--profile', 'other')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('holotype profile use other\n'),
  })
}

const registryOf = async (args: string[] = [], more: Record<string, string> = {}) =>
  /^registry +(\S+)$/m.exec((await run(['whoami', ...args], { env: { ...env, ...more } })).stdout)?.[1]

test('a profile is used when it is named, and always when that was said', async () => {
  await logInToBoth()
  expect(await registryOf()).toBe(desk.url)
  expect(await registryOf(['--profile', 'other'])).toBe(other.url)
  expect(await registryOf([], { HOLOTYPE_PROFILE: 'other' })).toBe(other.url)
  expect(await registryOf(['--profile', 'default'], { HOLOTYPE_PROFILE: 'other' })).toBe(desk.url)
  expect(await holotype('profile', 'use', 'other')).toMatchObject({ code: 0, stdout: `Using other: ${other.url}\n` })
  expect(await registryOf()).toBe(other.url)
  expect(await registryOf(['--profile', 'default'])).toBe(desk.url)
})

test('a profile that a flag names wins over URL and key of the environment, which win over one it names itself', async () => {
  await logInToBoth()
  const settings = { HOLOTYPE_URL: desk.url, HOLOTYPE_API_KEY: writer() }
  expect(await registryOf(['--profile', 'other'], settings)).toBe(other.url)
  expect(await registryOf([], { ...settings, HOLOTYPE_PROFILE: 'other' })).toBe(desk.url)
})

test('the list shows which is used, and no secret', async () => {
  await logInToBoth()
  const { stdout } = await holotype('profile', 'list')
  const rows = stdout.trimEnd().split('\n')
  expect(rows[0]).toMatch(/^used +name +url +key$/)
  expect(rows[1]).toMatch(new RegExp(`^\\* +default +${desk.url} +ak\\w{13}$`))
  expect(rows[2]).toMatch(new RegExp(`^ +other +${other.url} +ak\\w{13}$`))
  const { items } = JSON.parse((await holotype('profile', 'ls', '--json')).stdout)
  expect(items).toMatchObject([
    { name: 'default', isUsed: true },
    { name: 'other', isUsed: false },
  ])
  expect(stdout + JSON.stringify(items)).not.toContain(writer().slice(-20))
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('the file of the first release is read, and the one in use stands where that release looks for it', async () => {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, JSON.stringify({ url: desk.url, key: writer() }))
  expect(await registryOf()).toBe(desk.url)
  await holotype('login', reader(), '--url', other.url, '--profile', 'other')
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ url: desk.url, key: writer() })
  await holotype('profile', 'use', 'other')
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ url: other.url, key: reader() })
})

test('logging in again keeps the URL of the profile, and the others', async () => {
  await logInToBoth()
  const admin = other.registry.admin.key ?? ''
  expect(await holotype('login', admin, '--profile', 'other')).toMatchObject({ code: 0 })
  expect(await registryOf(['--profile', 'other'])).toBe(other.url)
  expect(await registryOf()).toBe(desk.url)
  expect(await holotype('login', admin, '--profile', '../x')).toMatchObject({ code: 2 })
})

test('a key never goes to the registry of another profile', async () => {
  await logInToBoth()
  expect(await holotype('model', 'list', '--profile', 'default', '--url', other.url)).toMatchObject({ code: 3 })
})

test('what is forgotten is gone, and nothing else', async () => {
  await logInToBoth()
  expect(await holotype('logout', '--profile', 'other')).toMatchObject({ code: 0 })
  expect(await holotype('whoami', '--profile', 'other')).toMatchObject({
    code: 2,
    stderr: 'error: there is no profile "other"\n  There are: default\n',
  })
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ url: desk.url, key: writer() })
  await holotype('login', reader(), '--url', other.url, '--profile', 'other')
  expect(await holotype('profile', 'rm', 'default')).toMatchObject({
    code: 0,
    stderr: 'None is in use now: holotype profile use <other>\n',
  })
  expect(await registryOf(['--profile', 'other'])).toBe(other.url)
  expect((await holotype('whoami')).code).toBe(3)
  expect(await holotype('profile', 'remove', 'other')).toMatchObject({ code: 0 })
  await expect(stat(file)).rejects.toThrow('ENOENT')
  expect(await holotype('profile', 'use', 'other')).toMatchObject({ code: 2 })
})

test.each(['[]', '{"url": 1, "key": "x"}', '{"profiles": {"a": null}}', '{"url": "x"}', 'null'])(
  'a damaged file is told, not needed where URL and key are given, and removed by a logout: %s',
  async content => {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
    const isEmpty = content === '[]'
    expect((await holotype('whoami')).code).toBe(isEmpty ? 3 : 2)
    expect(await registryOf([], { HOLOTYPE_URL: desk.url, HOLOTYPE_API_KEY: writer() })).toBe(desk.url)
    await holotype('logout')
    if (!isEmpty) await expect(stat(file)).rejects.toThrow('ENOENT')
  },
)
