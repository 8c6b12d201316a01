/** What changed between versions, where an alias has been, and the way back. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startLossyProxy } from './lossy-proxy.ts'
import { type Desk, run, startDesk } from './support.ts'

let desk: Desk
let name: string
let id: string
let number = 0

beforeAll(async () => {
  desk = await startDesk()
})

afterAll(() => desk[Symbol.asyncDispose]())

beforeEach(async () => {
  number += 1
  name = `m${number}`
  id = (await desk.json('model', 'create', '-n', name)).id
})

/** A version with just these files. */
async function push(files: Record<string, string>, ...options: string[]) {
  await rm(join(desk.dir, name), { recursive: true, force: true })
  await desk.json('push', await desk.write(name, files), name, '--force', ...options)
}

describe('diff', () => {
  test('names what was added, removed and changed, with sizes, and what was said', async () => {
    await push(
      { a: 'same', 'b/changed': '12', gone: 'x'.repeat(2048) },
      '-m',
      'one',
      '--tag',
      'x',
      '--metadata',
      'lr=1',
    )
    const second = ['--tag', 'y', '--metadata', 'lr:=2', '--metadata', 'seed:=[1]']
    await push({ a: 'same', 'b/changed': '123', new: '' }, ...second)
    expect(await desk.holotype('diff', `${name}@1`, `${name}@2`)).toEqual({
      code: 0,
      stderr: '',
      stdout: `~  b/changed  2 bytes -> 3 bytes
-  gone       2.0 KiB
+  new        0 bytes
message: "one" -> (none)
tags: -x +y
metadata lr: "1" -> 2
metadata seed: (none) -> [1]
Between version 1 of "${name}" and version 2: 1 added, 1 removed, 1 changed, 1 the same.
`,
    })
    expect(await desk.json('diff', `${name}@1`, '@2')).toMatchObject({
      from: { version: '1' },
      to: { version: '2' },
      isIdentical: false,
      files: {
        added: [{ path: 'new', size: 0 }],
        removed: [{ path: 'gone', size: 2048 }],
        changed: [{ path: 'b/changed', from: { size: 2 }, to: { size: 3 } }],
        same: 1,
      },
      message: { from: 'one', to: null },
      tags: { added: ['y'], removed: ['x'] },
      metadata: [
        { key: 'lr', from: '1', to: 2 },
        { key: 'seed', to: [1] },
      ],
    })
  })

  test('of the same files says so, whoever has them, and takes drafts and aliases', async () => {
    await push({ a: '1' }, '--alias', 'prod')
    await desk.json('model', 'create', '-n', `${name}-other`)
    const source = await desk.write(name, { a: '1' })
    await desk.json('push', source, `${name}-other`, '--draft')
    expect((await desk.holotype('diff', `${name}@prod`, `${name}-other@1`)).stdout).toBe(
      `The files of version 1 of "${name}" and version 1 of "${name}-other" are the same (1 file).\n`,
    )
    expect(await desk.json('diff', `${name}@prod`, '@latest')).toMatchObject({
      isIdentical: true,
      files: { added: [], removed: [], changed: [], same: 1 },
      message: null,
      metadata: [],
    })
  })

  test('needs both versions to be said and to be there', async () => {
    await push({ a: '1' })
    expect(await desk.holotype('diff', name, `${name}@1`)).toMatchObject({ code: 2 })
    expect(await desk.holotype('diff', `${name}@1`, '@2')).toMatchObject({ code: 4 })
  })
})

describe('version copy', () => {
  test('begins a draft with the files of a version, to be changed and committed', async () => {
    await push({ a: '1', b: '2' })
    expect(await desk.holotype('version', 'copy', `${name}@1`, '-m', 'a fix')).toEqual({
      code: 0,
      stdout: `Version 2 of "${name}" is a draft with the files of version 1 (2 files, 2 bytes).\n`,
      stderr: 'Change it with `holotype push --version 2`, then `holotype version commit`.\n',
    })
    await rm(join(desk.dir, name), { recursive: true })
    await desk.json('push', await desk.write(name, { b: 'changed' }), name, '--version', '2')
    const { items } = await desk.json('file', 'list', `${name}@2`)
    expect(items).toMatchObject([
      { path: 'a', size: 1 },
      { path: 'b', size: 7 },
    ])
  })

  test('goes into another model with --to', async () => {
    await push({ a: '1' })
    await desk.json('model', 'create', '-n', `${name}-target`)
    const draft = await desk.json('version', 'copy', `${name}@latest`, '--to', `${name}-target`)
    expect(draft).toMatchObject({ version: '1', fileCount: 1, isCommitted: false })
    expect(draft.modelId).not.toBe(id)
  })
})

describe('an alias', () => {
  beforeEach(async () => {
    for (const bytes of ['1', '2', '3']) await push({ a: bytes }, '--alias', 'prod')
  })

  const present = async () => (await desk.json('alias', 'list', name)).items[0]?.version

  test('has a history of its moves', async () => {
    await desk.holotype('alias', 'set', name, 'other', '1')
    await desk.holotype('alias', 'delete', name, 'prod', '--yes')
    const { stdout } = await desk.holotype('alias', 'history', name, 'prod')
    const rows = stdout.trimEnd().split('\n')
    expect(rows[0]).toMatch(/^when +version +before +by$/)
    expect(rows.slice(1).map(row => row.slice(20).trim().split(/ {2,}/).slice(0, -1))).toEqual([
      ['deleted'],
      ['3', '2'],
      ['2', '1'],
      ['1'],
    ])
  })

  test('goes back to where it was, and further back when that is done again', async () => {
    expect(await desk.holotype('alias', 'rollback', name, 'prod')).toEqual({
      code: 0,
      stdout: `The alias "prod" of "${name}": version 3 -> 2.\n`,
      stderr: '',
    })
    expect(await desk.json('alias', 'rollback', name, 'prod')).toMatchObject({ version: '1', previousVersion: '2' })
    expect(await desk.holotype('alias', 'rollback', name, 'prod')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('error: the alias "prod" pointed at no other version before\n'),
    })
    await desk.holotype('alias', 'set', name, 'prod', '3')
    await desk.json('alias', 'rollback', name, 'prod')
    expect(await present()).toBe('1')
  })

  test('goes back further where the version before was deleted', async () => {
    await desk.holotype('version', 'delete', `${name}@2`, '--yes')
    const { stdout, stderr } = await desk.holotype('alias', 'rollback', name, 'prod')
    expect(stdout).toContain('version 3 -> 1.\n')
    expect(stderr).toBe('Version 2 was deleted, so this goes back further.\n')
  })

  test('stays where somebody else moves it in the same moment', async () => {
    await push({ a: '4' })
    await using proxy = await startLossyProxy(desk.url, async ({ method }) => {
      if (method === 'PUT') await desk.holotype('alias', 'set', name, 'prod', '4')
      return 'nothing' as const
    })
    const env = { ...desk.env, HOLOTYPE_URL: proxy.url }
    expect(await run(['alias', 'rollback', name, 'prod'], { env })).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringContaining('points at version 4, but version 3 was expected; nothing was changed'),
    })
    expect(await present()).toBe('4')
  })

  test('that is not there is not made', async () => {
    expect(await desk.holotype('alias', 'rollback', name, 'nope')).toMatchObject({ code: 4 })
    expect((await desk.json('alias', 'list', name)).items).toHaveLength(1)
  })
})
