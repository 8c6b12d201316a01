/** A pull writes below its folder and nowhere else, whatever the registry says and whoever moves things about meanwhile. */

import { execFileSync } from 'node:child_process'
import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { partialPath } from '../../src/client/download-file.ts'
import { type FakeFile, sendJson, sha256, startFakeRegistry } from './fake-registry.ts'
import { readTree, run } from './support.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holotype-safe-'))
})

afterEach(() => rm(dir, { recursive: true, force: true }))

const holotype = (registry: { url: string }, ...args: string[]) =>
  run(args, { env: { HOLOTYPE_URL: registry.url, HOLOTYPE_API_KEY: 'ht_x', HOME: dir } })

async function pull(files: FakeFile[], ...args: string[]) {
  await using registry = await startFakeRegistry(files)
  return await holotype(registry, 'pull', 'fake', ...args)
}

describe('nothing is written when the registry lists a path that', () => {
  test.each([
    ['is git’s own', ['.git/config']],
    ['is git’s own in capitals', ['a/.GIT/hooks/post-checkout']],
    ['is git’s own to NTFS', ['GIT~1/config']],
    ['is git’s own to NTFS, as a stream', ['.git::$INDEX_ALLOCATION/config']],
    ['is git’s own to Windows', ['.git./config']],
    ['is git’s own to HFS+', ['.g\u200cit/config']],
    ['is git’s own to ZFS', ['.\uff47\uff49\uff54/config']],
    ['makes a repository without .git', ['HEAD', 'config', 'objects/a', 'refs/b']],
    ['makes one further in', ['x/head', 'x/OBJECTS/a', 'x/refs/b']],
    ['is a file of the client', ['.holotype-part-0123456789abcdef01234567']],
    ['climbs out', ['../x']],
    ['climbs out for a system that folds', ['\uff0e\uff0e/x']],
    ['is absolute', ['/tmp/x']],
    ['has a backslash', ['..\\x']],
    ['has a control character', ['a\u001b[2Jb']],
    ['has a NUL', ['a\0b']],
    ['is empty', ['']],
    ['nobody sees', ['\u2060']],
  ])('%s', async (_what, paths) => {
    const { code, stdout, stderr } = await pull(
      paths.map(path => ({ path, bytes: 'evil' })),
      join(dir, 'target'),
    )
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' })
    expect(stderr).toContain('nothing was written')
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u200c\u2060]/)
    expect(await readdir(dir)).toEqual([])
  })
})

describe('no folder is made from a model’s name that', () => {
  test.each([
    ['is .git', '.git'],
    ['is git’s in another spelling', '.GiT'],
    ['hides', '.ssh'],
    ['hides further in', 'a/.github'],
    ['climbs out', '../x'],
    ['is absolute', '/tmp/holotype-never'],
    ['is an option', '-rf'],
    ['is a home', '~root'],
    ['is the working directory', '.'],
    ['has a stream', '.git::$INDEX_ALLOCATION'],
    ['turns round', 'a\u202eb'],
  ])('%s', async (_what, name) => {
    await using registry = await startNamed(name)
    const { code, stdout, stderr } = await holotype(registry, 'pull', 'mofake000000000')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('Say where: holotype pull <model> <folder>')
    // With a folder of the user's own the name does not matter.
    expect((await holotype(registry, 'pull', 'mofake000000000', join(dir, 'mine'))).code).toBe(0)
    expect(await readTree(join(dir, 'mine'))).toEqual({ w: 'right' })
  })

  test('is that of a folder with something else in it, when only the id was typed', async () => {
    const here = process.cwd()
    process.chdir(dir)
    try {
      await mkdir('src')
      await writeFile('src/index.js', 'mine')
      await using registry = await startNamed('src')
      const byId = await holotype(registry, 'pull', 'mofake000000000')
      expect(byId).toMatchObject({ code: 5, stderr: expect.stringContaining('other files are already') })
      expect(await readTree('src')).toEqual({ 'index.js': 'mine' })
      expect((await holotype(registry, 'pull', 'src')).code).toBe(0)
      await rm('src/index.js')
      expect((await holotype(registry, 'pull', 'mofake000000000')).stdout).toContain('1 right already')
    } finally {
      process.chdir(here)
    }
  })

  test('is a link here', async () => {
    const here = process.cwd()
    process.chdir(dir)
    try {
      await mkdir('elsewhere')
      await symlink('elsewhere', 'linked')
      await using registry = await startNamed('linked')
      expect(await holotype(registry, 'pull', 'linked')).toMatchObject({
        code: 5,
        stderr: expect.stringContaining('is a link'),
      })
      expect(await readdir('elsewhere')).toEqual([])
    } finally {
      process.chdir(here)
    }
  })
})

/** A registry whose model is called something else than `fake`. */
async function startNamed(name: string) {
  return await startFakeRegistry([{ path: 'w', bytes: 'right' }], ({ url = '' }, response) => {
    const model = { id: 'mofake000000000', name, isPublic: false }
    if (url === '/v1/models/mofake000000000') sendJson(response, 200, model)
    else if (url.startsWith('/v1/models?')) sendJson(response, 200, { hasMore: false, items: [model], nextPage: null })
    else return false
    return true
  })
}

describe('what is put in the way of a pull', () => {
  const file = { path: 'sub/w', bytes: 'right' }
  const part = () => partialPath(join(dir, 'target/sub/w'), { sha256: sha256(file.bytes) })

  test('a folder that becomes a link while its file is on the way leads nowhere', async () => {
    const outside = join(dir, 'outside')
    await mkdir(outside)
    await using registry = await startFakeRegistry([file], ({ url = '' }, response) => {
      if (!url.endsWith('/files/sub/w')) return false
      void rename(join(dir, 'target/sub'), join(dir, 'target/moved'))
        .then(() => symlink(outside, join(dir, 'target/sub')))
        .then(() => response.end(file.bytes))
      return true
    })
    await holotype(registry, 'pull', 'fake', join(dir, 'target'))
    expect(await readdir(outside)).toEqual([])
  })

  test('a part of an earlier pull that is a second name of another file is not written to', async () => {
    await mkdir(join(dir, 'target/sub'), { recursive: true })
    await writeFile(join(dir, 'victim'), '')
    await link(join(dir, 'victim'), part())
    expect((await pull([file], join(dir, 'target'))).code).toBe(0)
    expect(await readFile(join(dir, 'victim'), 'utf8')).toBe('')
    expect(await readTree(join(dir, 'target'))).toEqual({ 'sub/w': 'right' })
  })

  test('a part that is a link is not followed', async () => {
    await mkdir(join(dir, 'target/sub'), { recursive: true })
    await writeFile(join(dir, 'victim'), 'mine')
    await symlink(join(dir, 'victim'), part())
    const { code, stderr } = await pull([file], join(dir, 'target'))
    expect(code).toBe(5)
    expect(stderr).toContain(`${part()} is a link where none may be`)
    expect(await readFile(join(dir, 'victim'), 'utf8')).toBe('mine')
  })

  test('pipes where files go are replaced, and never waited for', async () => {
    await mkdir(join(dir, 'target/sub'), { recursive: true })
    execFileSync('mkfifo', [part(), join(dir, 'target/sub/w')])
    expect((await pull([file], join(dir, 'target'))).code).toBe(0)
    expect(await readTree(join(dir, 'target'))).toEqual({ 'sub/w': 'right' })
  })
})

test('what pulls have left is removed when it is old, and named when it is not', async () => {
  const [old, young, ours] = [0, 1, 2].map(digit => join(dir, `.holotype-part-${String(digit).repeat(24)}`))
  for (const path of [old, young, ours]) await writeFile(path ?? '', 'x')
  await writeFile(join(dir, '.holotype-part-notes'), 'mine')
  const longAgo = new Date(Date.now() - 48 * 60 * 60_000)
  for (const path of [old, join(dir, '.holotype-part-notes')]) await utimes(path ?? '', longAgo, longAgo)
  const { code, stderr } = await pull([{ path: 'w', bytes: 'right' }], dir)
  expect(code).toBe(0)
  expect(stderr).toContain(`2 files (${young}, ${ours})`)
  expect((await readdir(dir)).sort()).toEqual(
    [
      '.holotype-part-111111111111111111111111',
      '.holotype-part-222222222222222222222222',
      '.holotype-part-notes',
      'w',
    ].sort(),
  )
})

describe('a place where nothing can be written is told in words', () => {
  const cases: Array<[what: string, place: string, code: number, words: string]> = [
    ['a file', 'file', 5, 'is a file, or lies below one, where a folder is needed'],
    ['below a file', 'file/x', 5, 'is a file, or lies below one, where a folder is needed'],
    ['a link to nothing', 'dead', 5, 'is a link to nothing'],
    ['below a link to nothing', 'dead/x', 5, 'is a link to nothing'],
    ['a link to itself', 'loop', 5, 'is a link where none may be, or leads in a circle'],
    ['a device', '/dev/null', 5, 'is a file, or lies below one, where a folder is needed'],
    ['/proc', '/proc/holotype', 1, 'is not there, and can not be made there'],
    ['a process', '/proc/self/x/y', 1, 'is not there, and can not be made there'],
    ['a name that is too long', 'x'.repeat(300), 2, 'is longer than this file system takes'],
  ]
  test.each(cases)('%s', async (_what, place, code, words) => {
    await writeFile(join(dir, 'file'), '')
    await symlink('nowhere', join(dir, 'dead'))
    await symlink('loop', join(dir, 'loop'))
    const target = place.startsWith('/') ? place : join(dir, place)
    const result = await pull([{ path: 'a/w', bytes: 'right' }], target)
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(words) })
    expect(result.stderr).not.toMatch(/E[A-Z]{3,}|\/proc\/self\/fd/)
    expect((await stat(join(dir, 'file'))).size).toBe(0)
  })
})
