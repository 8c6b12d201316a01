/** What of a folder goes into a version, which never changes again, and what of a version is fetched. */
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Desk, readTree, startDesk } from './support.ts'

let desk: Desk
let name: string
let number = 0

beforeAll(async () => {
  desk = await startDesk()
})

afterAll(() => desk[Symbol.asyncDispose]())

beforeEach(async () => {
  number += 1
  name = `selected-${number}`
  await desk.json('model', 'create', '-n', name)
})

/** The paths that a push of these files takes along. */
async function pushed(files: Record<string, string>, ...options: string[]): Promise<string[]> {
  const source = await desk.write(name, files)
  const answer = await desk.json('push', source, name, '--dry-run', ...options)
  return answer.files.map((file: { path: string }) => file.path)
}

const SECRETS: Record<string, string> = {
  '.env': 'X=1',
  '.env.production': 'X=1',
  'config/.env.local': 'X=1',
  'deploy/prod.env': 'X=1',
  '.ENV': 'X=1',
  '.envrc': 'x',
  '.ssh/config': 'x',
  'home/.ssh/known_hosts': 'x',
  id_rsa: 'x',
  'keys/id_ed25519': 'x',
  '.aws/credentials': 'x',
  '.netrc': 'x',
  '.pypirc': 'x',
  '.git-credentials': 'x',
  '.kube/config': 'x',
  '.docker/config.json': '{}',
  'home/.docker/config.json': '{}',
  'server.key': 'x',
  'store.p12': 'x',
  'credentials.json': '{}',
  'gcp/service-account.json': '{}',
  '.config/gcloud/application_default_credentials.json': '{}',
  'terraform.tfstate': '{}',
  '.cache/huggingface/token': 'hf_x',
  '.npmrc': '//registry.example.com/:_authToken=abc',
  'server.pem': '-----BEGIN RSA PRIVATE KEY-----\nMII',
  deploy_key: '-----BEGIN OPENSSH PRIVATE KEY-----\nb3B',
  'account.json': '{"private_key": "-----BEGIN PRIVATE KEY-----\\nMII"}',
  'settings.ini': '[default]\naws_secret_access_key = abc',
  'notes.txt': 'key: ht_ak0123456789abc_0123456789abcdef0123456789abcdef',
}

const NO_SECRETS: Record<string, string> = {
  '.env.example': 'X=',
  'env.py': 'x',
  environment: 'x',
  'id_rsa.pub': 'ssh-rsa AAAA',
  '.npmrc': 'save-exact=true\n//registry.example.com/:_authToken=$TOKEN',
  'ca.pem': '-----BEGIN CERTIFICATE-----\nMII',
  'tokenizer.json': '{"key": "value"}',
  'monkey.txt': 'x',
  'keys.py': 'x',
}

describe('what may hold a secret', () => {
  test.each(Object.entries(SECRETS))('%s is left out, unless it is named', async (path, content) => {
    const files = { 'weights.bin': 'w', [path]: content }
    expect(await pushed(files)).toEqual(['weights.bin'])
    expect(await pushed(files, '--include', '*')).toEqual(['weights.bin'])
    expect(await pushed(files, '--include', '*', '--include', path)).toEqual([path, 'weights.bin'].sort())
  })

  test.each(Object.entries(NO_SECRETS))('%s is no secret', async (path, content) => {
    expect(await pushed({ 'weights.bin': 'w', [path]: content })).toEqual([path, 'weights.bin'].sort())
  })

  test('is said, with how to push it all the same', async () => {
    const source = await desk.write(name, { a: '1', '.env': 'X=1', '.ssh/id': 'x' })
    const { code, stderr } = await desk.holotype('push', source, name)
    expect(code).toBe(0)
    expect(stderr).toContain('Left out, as they may hold secrets: .env, .ssh/\n')
    expect(stderr).toContain("--include '*' --include <path>\n")
    expect(await desk.json('file', 'list', name)).toMatchObject({ items: [{ path: 'a' }] })
  })

  test('goes along when it is the very file that is pushed, or when an ignore file says so', async () => {
    const source = await desk.write(name, { '.env': 'X=1' })
    expect((await desk.json('push', join(source, '.env'), name, '--dry-run')).files).toMatchObject([{ path: '.env' }])
    expect(await pushed({ '.holotypeignore': '!.env\n!.ssh/\n', '.ssh/id': 'x' })).toEqual(['.env', '.ssh/id'])
  })
})

describe('.holotypeignore', () => {
  test('is read as a .gitignore is', async () => {
    const files = {
      '.holotypeignore': '# checkpoints\n*.ckpt\n!last.ckpt\r\n/only-here\nlogs/\nsp\\ ace\n\\#hash\n',
      'a.ckpt': '1',
      'last.ckpt': '1',
      'deep/b.ckpt': '1',
      'only-here': '1',
      'deep/only-here': '1',
      'logs/x': '1',
      'deep/logs/x': '1',
      'sp ace': '1',
      '#hash': '1',
      'A.CKPT': '1',
    }
    expect(await pushed(files)).toEqual(['A.CKPT', 'deep/only-here', 'last.ckpt'])
  })

  test('of an inner folder holds below it and goes before the outer one', async () => {
    const files = {
      '.holotypeignore': '*.log\ninner/keep/\n',
      'inner/.holotypeignore': '!good.log\n*.tmp\n',
      'a.log': '1',
      'a.tmp': '1',
      'inner/good.log': '1',
      'inner/bad.log': '1',
      'inner/a.tmp': '1',
      'inner/keep/x': '1',
      'good.log': '1',
    }
    expect(await pushed(files)).toEqual(['a.tmp', 'inner/good.log'])
  })

  test('says what it left out, and only what is meant is named', async () => {
    const source = await desk.write(name, { '.holotypeignore': 'logs/\n', a: '1', 'logs/1': '1', 'logs/2': '2' })
    const { stderr } = await desk.holotype('push', source, name)
    expect(stderr).toBe('Left out: .holotypeignore\nLeft out by .holotypeignore: logs/\n')
    expect((await desk.json('push', source, name)).leftOut).toEqual([
      { path: '.holotypeignore', reason: 'tool' },
      { path: 'logs/', reason: 'ignored' },
    ])
  })

  test('matches names whose accents the system keeps decomposed', async () => {
    const files = { '.holotypeignore': 'u\u0308ber.bin\n', 'u\u0308ber.bin': '1', a: '1' }
    expect(await pushed(files)).toEqual(['a'])
  })
})

test('--include and --exclude choose what goes, and exclusion wins', async () => {
  const files = { 'a.bin': '1', 'b.txt': '1', 'deep/c.bin': '1', 'deep/d.bin': '1', 'deep/e.txt': '1' }
  expect(await pushed(files, '--include', '*.bin')).toEqual(['a.bin', 'deep/c.bin', 'deep/d.bin'])
  expect(await pushed(files, '--exclude', 'deep/')).toEqual(['a.bin', 'b.txt'])
  expect(await pushed(files, '--include', 'deep/', '--exclude', 'd.bin', '--exclude', '*.txt')).toEqual(['deep/c.bin'])
  expect(await pushed({ ...files, '.holotypeignore': 'deep/' }, '--include', 'deep/c.bin')).toEqual(['deep/c.bin'])
  const source = join(desk.dir, name)
  expect(await desk.holotype('push', source, name, '--include', 'nothing')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('error: there is no file in'),
  })
})

test('a pull takes what is selected, and leaves the rest', async () => {
  const source = await desk.write(name, { 'a.bin': '1', 'b.txt': '2', 'deep/c.bin': '3', 'deep/d.bin': '4' })
  await desk.json('push', source, name)
  const target = join(desk.dir, `${name}-back`)
  await desk.json('pull', name, target, '--include', '*.bin', '--exclude', 'deep/d.bin')
  expect(await readTree(target)).toEqual({ 'a.bin': '1', 'deep/c.bin': '3' })
  const { stdout } = await desk.holotype('pull', name, target, '--exclude', '*.txt', '--dry-run')
  expect(stdout).toMatch(/^deep\/d\.bin\nWould pull 1 file, 1 byte \(2 right already\), /)
  expect(await desk.holotype('pull', name, target, '--include', 'nothing')).toMatchObject({ code: 4 })
})

test('a dry run of a push tells what would go, and changes nothing', async () => {
  const source = await desk.write(name, { a: '1', 'deep/b': '22' })
  expect(await desk.holotype('push', source, name, '--dry-run')).toEqual({
    code: 0,
    stdout: `a\ndeep/b\nWould push 2 files, 3 bytes, to "${name}".\n`,
    stderr: '',
  })
  expect(await desk.holotype('push', source, 'not there', '--create', '--dry-run')).toMatchObject({
    stdout: expect.stringContaining('to "not there", which would be made.\n'),
  })
  expect(await desk.holotype('push', source, 'not there', '--dry-run')).toMatchObject({ code: 4 })
  expect((await desk.json('version', 'list', name)).items).toEqual([])
  expect((await desk.json('model', 'list', '--name', 'not there')).items).toEqual([])
  await desk.json('push', source, name)
  expect((await desk.holotype('push', source, name, '--dry-run')).stdout).toContain(
    ', identical to version 1: nothing to keep.\n',
  )
})

describe('what can not be part of a version', () => {
  test('is named all at once, whatever is wrong with it', async () => {
    const source = await desk.write(name, { ok: '1', 'what?': '2', CON: '3', 'case/A': '4', 'case/a': '5' })
    await writeFile(join(source, 'e\u0301'), '')
    await writeFile(join(source, '\u00e9'), '')
    await symlink('nowhere', join(source, 'dead'))
    await symlink('.', join(source, 'loop'))
    await writeFile(Buffer.concat([Buffer.from(`${source}/`), Buffer.from([0x66, 0xfc])]), 'latin1')
    const { code, stdout, stderr } = await desk.holotype('push', source, name)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain("error: 7 files or folders can't be part of a version\n")
    for (const words of [
      'the path "what?" must not contain a character that Windows reserves',
      'the path "CON" must not use a device name',
      'the paths "case/A" and "case/a" differ only in case',
      'two files have the path "é": their names differ only in how accents are encoded',
      '/dead is a link to nothing',
      '/loop is a link to a folder',
      'has a name that is not UTF-8',
    ])
      expect(stderr).toContain(words)
    expect(stderr).toContain('\n  Rename or exclude them, then push again.\n')
    const options = ['what*', 'CON', 'case/a', 'dead', 'loop', 'f?', 'é'].flatMap(pattern => ['--exclude', pattern])
    expect(await desk.holotype('push', source, name, ...options)).toMatchObject({ code: 0 })
  })

  test('may be a git repository without a ".git" in its paths', async () => {
    const source = await desk.write(name, {
      'bare/HEAD': 'x',
      'bare/objects/1': 'x',
      'bare/refs/heads/m': 'x',
      ok: '1',
    })
    const { code, stderr } = await desk.holotype('push', source, name)
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('"bare" is a git repository') })
    expect(await desk.holotype('push', source, name, '--exclude', 'bare/')).toMatchObject({ code: 0 })
  })

  test('or said by rules that can not be read', async () => {
    const source = await desk.write(name, { ok: '1' })
    await mkdir(join(source, '.holotypeignore'))
    expect(await desk.holotype('push', source, name)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('.holotypeignore is a pipe or a device, not a plain file'),
    })
  })

  test('is shown 20 times at most', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `bad${index}?`)
    const source = await desk.write(name, Object.fromEntries(names.map(path => [path, 'x'])))
    const { stderr } = await desk.holotype('push', source, name)
    expect(stderr.match(/the path "bad/g)).toHaveLength(20)
    expect(stderr).toContain('\n  and 10 more\n')
  })

  test.skipIf(process.getuid?.() === 0)('a folder that can not be read is told, not passed over', async () => {
    const source = await desk.write(name, { ok: '1' })
    await mkdir(join(source, 'closed'), { mode: 0 })
    const { code, stderr } = await desk.holotype('push', source, name)
    await chmod(join(source, 'closed'), 0o700)
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("closed can't be read (EACCES)"),
    })
  })
})
