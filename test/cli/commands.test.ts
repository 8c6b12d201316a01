import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Desk, startDesk } from './support.ts'

let desk: Desk

beforeAll(async () => {
  desk = await startDesk()
})

afterAll(() => desk[Symbol.asyncDispose]())

/** What the API itself answers. */
async function api(path: string) {
  // Over a connection of its own: answers have URLs in them, which begin with the address that the caller is connected to.
  const headers = { authorization: `Bearer ${desk.registry.admin.key}` }
  return await (await fetch(`${desk.url}/v1${path}`, { headers })).json()
}

describe('model', () => {
  test('create, get, update, list and delete answer what the API answers', async () => {
    const created = await desk.json('model', 'create', '-n', 'résumé', '-d', 'reads CVs', '--is-public')
    expect(created).toMatchObject({ name: 'résumé', description: 'reads CVs', isPublic: true })
    expect(await desk.json('model', 'get', 'résumé')).toEqual(await api(`/models/${created.id}`))
    const updated = await desk.json('model', 'update', created.id, '--name', 'cv', '-d', '', '--is-private')
    expect(updated).toMatchObject({ name: 'cv', description: null, isPublic: false })
    expect(await desk.json('model', 'list', '--name', 'cv')).toEqual(await api('/models?name=cv'))
    expect(await desk.holotype('model', 'delete', 'cv', '--yes')).toEqual({
      code: 0,
      stdout: `Deleted the model "cv" (${created.id}).\n`,
      stderr: '',
    })
    expect((await desk.holotype('model', 'get', created.id)).code).toBe(4)
  })

  test('list goes through pages, either way round', async () => {
    for (const name of ['p1', 'p2', 'p3']) await desk.json('model', 'create', '-n', name, '-d', 'paged')
    const first = await desk.json(
      'model',
      'list',
      '--search',
      'paged',
      '--limit',
      '2',
      '--asc',
      '--orderBy',
      'dtCreated',
    )
    expect(first.items.map((model: { name: string }) => model.name)).toEqual(['p1', 'p2'])
    const { stdout, stderr } = await desk.holotype('model', 'list', '--search', 'paged', '--limit', '2')
    expect(stdout.split('\n').map(line => line.split(/ {2,}/)[1])).toEqual(['name', 'p3', 'p2', undefined])
    const [, cursor = ''] = /^There are more: --after (\S+)\n$/.exec(stderr) ?? []
    const last = await desk.json('model', 'list', '--search', 'paged', '--after', cursor)
    expect(last.items.map((model: { name: string }) => model.name)).toEqual(['p1'])
  })

  test('an empty list is an empty answer', async () => {
    expect(await desk.holotype('model', 'list', '--name', 'nobody')).toEqual({ code: 0, stdout: '', stderr: 'None.\n' })
    expect(await desk.holotype('model', 'list', '--name', 'nobody', '-q')).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})

describe('version, alias and file', () => {
  test('a version is made, described, committed, pointed at and deleted', async () => {
    const { id } = await desk.json('model', 'create', '-n', 'steps')
    const options = ['-m', 'one', '--tag', 'a', '--tag', 'b', '--metadata', 'lr=1e-3', '--metadata', 'epochs:=3']
    const created = await desk.json('version', 'create', 'steps', ...options)
    expect(created).toMatchObject({
      message: 'one',
      tags: ['a', 'b'],
      metadata: { lr: '1e-3', epochs: 3 },
      isCommitted: false,
    })
    const updated = await desk.json('version', 'update', 'steps@1', '--tag', 'c')
    expect(updated).toMatchObject({ message: 'one', tags: ['c'] })
    expect(await desk.json('version', 'commit', 'steps@1')).toMatchObject({ isCommitted: true })
    expect(await desk.json('version', 'get', 'steps')).toEqual(await api(`/models/${id}/versions/1`))
    expect(await desk.json('version', 'list', 'steps', '--tag', 'c')).toEqual(await api(`/models/${id}/versions`))

    expect(await desk.json('alias', 'set', 'steps', 'prod', '1')).toMatchObject({ alias: 'prod', version: '1' })
    expect(await desk.json('alias', 'list', 'steps')).toEqual(await api(`/models/${id}/aliases`))
    expect(await desk.json('version', 'get', 'steps@prod')).toMatchObject({ version: '1' })
    expect((await desk.holotype('alias', 'delete', 'steps', 'prod', '--yes')).stdout).toBe(
      'Deleted the alias "prod".\n',
    )
    expect((await desk.holotype('version', 'delete', 'steps@1', '--yes')).stdout).toBe(
      'Deleted version 1 of "steps".\n',
    )
  })

  test('files are listed and put on stdout as they are', async () => {
    const source = await desk.write('cat', { 'a b/é.txt': 'text without a line break', z: '' })
    const { model } = await desk.json('push', source, 'cat', '--create')
    expect(await desk.json('file', 'list', 'cat')).toEqual(await api(`/models/${model.id}/versions/1/files`))
    expect(await desk.holotype('file', 'cat', 'cat@1', 'a b/é.txt')).toEqual({
      code: 0,
      stdout: 'text without a line break',
      stderr: '',
    })
    expect(await desk.holotype('file', 'cat', 'cat', 'z')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect((await desk.holotype('file', 'cat', 'cat', 'y')).code).toBe(4)
  })

  test('bytes that were damaged in the registry never pass for whole', async () => {
    const source = await desk.write('rot', { 'w.bin': Buffer.alloc(200_000, 'rot') })
    await desk.json('push', source, 'rot', '--create')
    await damageBlobs(desk.registry.dataDir, 200_000)
    const cat = await desk.holotype('file', 'cat', 'rot', 'w.bin')
    expect(cat.code).not.toBe(0)
    const pull = await desk.holotype('pull', 'rot', join(desk.dir, 'rot-back'))
    expect(pull).toMatchObject({ code: 6, stderr: expect.stringContaining('no longer have the sha256') })
    expect(await readdir(join(desk.dir, 'rot-back'))).not.toContain('w.bin')
  })
})

describe('project and storage-provider', () => {
  test('a project takes models in and lets them go', async () => {
    const project = await desk.json('project', 'create', 'vision')
    const model = await desk.json('model', 'create', '-n', 'in a project', '-p', project.id)
    expect(model.projectId).toBe(project.id)
    expect(await desk.json('project', 'remove-model', project.id, model.id)).toMatchObject({ projectId: null })
    expect(await desk.json('project', 'add-model', project.id, model.id)).toMatchObject({ projectId: project.id })
    expect(await desk.json('project', 'update', project.id, '--name', 'sight')).toMatchObject({ name: 'sight' })
    expect(await desk.json('project', 'get', project.id)).toEqual(await api(`/projects/${project.id}`))
    expect(await desk.json('project', 'list')).toEqual(await api('/projects'))
    expect((await desk.holotype('project', 'delete', project.id, '--yes')).stdout).toBe(
      `Deleted the project "sight" (${project.id}).\n`,
    )
  })

  test('the managed storage provider can be seen', async () => {
    const { items } = await desk.json('storage-provider', 'list')
    expect(items).toMatchObject([{ isManaged: true, isTeamDefault: true }])
    expect(await desk.json('storage-provider', 'get', items[0].id)).toEqual(items[0])
  })
})

describe('key, user and team', () => {
  test('a key is shown once, listed without its secret, and revoked', async () => {
    const { stdout, stderr } = await desk.holotype('key', 'create', '-n', 'ci', '--role', 'reader', '--expires', '30d')
    const [, key = ''] = /^key +(ht_\S+)$/m.exec(stdout) ?? []
    expect(stderr).toBe('Keep the key now: it is shown only this once.\n')
    const [created] = (await desk.json('key', 'list', '--limit', '1')).items
    expect(created).toMatchObject({ name: 'ci', role: 'reader', dtExpires: expect.stringMatching(/T/) })
    expect(key).toContain(created.id)
    expect((await desk.registry.as(key).get('/models')).statusCode).toBe(200)
    expect((await desk.holotype('key', 'revoke', created.id, '--yes')).code).toBe(0)
    expect((await desk.registry.as(key).get('/models')).statusCode).toBe(401)
  })

  test('a member comes and goes', async () => {
    const user = await desk.json('user', 'create', 'Robot', '--email', 'robot@example.com')
    const key = await desk.json('key', 'create', '-n', 'its', '--role', 'writer', '--user', user.id)
    expect(key.userId).toBe(user.id)
    expect((await desk.json('user', 'list')).items).toContainEqual(user)
    expect((await desk.holotype('user', 'delete', user.id, '--yes')).code).toBe(0)
    expect((await desk.registry.as(key.key).get('/models')).statusCode).toBe(401)
  })

  test('a team comes with its first key', async () => {
    const { stdout } = await desk.holotype('team', 'create', 'research')
    const [, key = ''] = /^apiKey +(ht_\S+)$/m.exec(stdout) ?? []
    expect((await desk.registry.as(key).get('/auth/session')).json().team.namespace).toBe('research')
    const { items } = await desk.json('team', 'list')
    expect(items.map((team: { namespace: string }) => team.namespace)).toContain('research')
  })
})

/** Turns round one bit in the middle of every stored blob of this size. */
async function damageBlobs(dataDir: string, size: number): Promise<void> {
  for (const entry of await readdir(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    const bytes = entry.isFile() ? await readFile(file) : undefined
    if (bytes?.length !== size) continue
    bytes[size / 2] = (bytes[size / 2] ?? 0) ^ 1
    await writeFile(file, bytes)
  }
}

describe('names that look like something else', () => {
  test('a model whose name looks like an id is found by it', async () => {
    const { id } = await desk.json('model', 'create', '-n', 'mo0123456789abc', '-d', 'x')
    expect((await desk.json('model', 'get', 'mo0123456789abc')).id).toBe(id)
  })

  test('an "@" in a name is told of', async () => {
    await desk.json('model', 'create', '-n', 'x@y', '-d', 'x')
    const result = await desk.holotype('pull', 'x@y', join(desk.dir, 'at'))
    expect(result).toMatchObject({ code: 4, stderr: expect.stringContaining('<name>@latest') })
  })

  test('an alias that no registry takes is refused before anything is sent', async () => {
    const source = await desk.write('early', { 'w.bin': 'x' })
    for (const alias of ['bad alias', 'latest', 'v7']) {
      expect(await desk.holotype('push', source, 'early', '--create', '--alias', alias)).toMatchObject({ code: 2 })
    }
    expect(await desk.holotype('model', 'get', 'early')).toMatchObject({ code: 4 })
  })
})
