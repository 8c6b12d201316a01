import { createHash, randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { partialPath } from '../../src/client/download-file.ts'
import { type Desk, readTree, run, startDesk } from './support.ts'

let desk: Desk

beforeAll(async () => {
  desk = await startDesk()
})

afterAll(() => desk[Symbol.asyncDispose]())

const FILES = {
  'config.json': '{"layers": 2}',
  'weights/shard-1.bin': randomBytes(3_000_000),
  'weights/shard-2.bin': randomBytes(70_000),
  'weights/deep/er/and deeper/%41 #x+y.txt': 'odd name',
  empty: '',
}

test('what is pushed comes back byte for byte', async () => {
  const source = await desk.write('whole', FILES)
  const pushed = await desk.json('push', source, 'whole', '--create', '--message', 'first', '--alias', 'prod')
  expect(pushed.version).toMatchObject({ version: '1', isCommitted: true, message: 'first', fileCount: 5 })
  expect(pushed.aliases).toMatchObject([{ alias: 'prod', version: '1' }])
  expect(pushed.files.map((file: { status: string }) => file.status)).toEqual(Array(5).fill('uploaded'))

  const target = join(desk.dir, 'whole-back')
  const pulled = await desk.json('pull', 'whole@prod', target)
  expect(pulled.files).toHaveLength(5)
  expect(pulled.extraFiles).toEqual([])
  expect(await readTree(target)).toEqual(await readTree(source))
})

test('a pull leaves what is right, replaces what is wrong, and only names what is extra', async () => {
  const source = await desk.write('some', { a: 'right', b: 'also right', 'c/d': 'deep' })
  await desk.json('push', source, 'some', '--create')
  const target = await desk.write('some-back', { a: 'right', b: 'same size!', notes: 'mine', 'c/e': 'mine too' })
  const before = await lstat(join(target, 'a'))

  const { code, stdout, stderr } = await desk.holotype('pull', 'some', target)
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `Pulled 2 files, 14 bytes (1 right already), from version 1 of "some" into ${target}.\n`,
  })
  expect(stderr).toBe('Not part of the version, and left alone: 2 files (c/e, notes)\n')
  expect(await readTree(target)).toEqual({
    a: 'right',
    b: 'also right',
    'c/d': 'deep',
    notes: 'mine',
    'c/e': 'mine too',
  })
  expect((await lstat(join(target, 'a'))).ino).toBe(before.ino)
})

test('a dry run tells what would come and writes nothing', async () => {
  const source = await desk.write('dry', { a: '1', b: '2' })
  await desk.json('push', source, 'dry', '--create')
  const target = join(desk.dir, 'dry-back')
  const { stdout } = await desk.holotype('pull', 'dry', target, '--dry-run')
  expect(stdout).toBe(`a\nb\nWould pull 2 files, 2 bytes, from version 1 of "dry" into ${target}.\n`)
  await expect(lstat(target)).rejects.toThrow('ENOENT')
})

test('a pull takes up what an interrupted one has left', async () => {
  const bytes = randomBytes(2_500_000)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const source = await desk.write('half', { 'w.bin': bytes })
  await desk.json('push', source, 'half', '--create')
  const ranges: unknown[] = []
  desk.registry.app.server.server.on('request', request => ranges.push(request.headers.range))

  const target = await desk.write('half-back', {})
  await mkdir(target, { recursive: true })
  await writeFile(partialPath(join(target, 'w.bin'), { sha256 }), bytes.subarray(0, 1_000_000))
  await desk.json('pull', 'half', target)
  expect(ranges).toContain('bytes=1000000-')
  expect((await readFile(join(target, 'w.bin'))).equals(bytes)).toBe(true)
  expect(await readdir(target)).toEqual(['w.bin'])
})

test('what is left of an interrupted pull but wrong is fetched anew', async () => {
  const source = await desk.write('bad-half', { 'w.bin': 'the right bytes' })
  const { files } = await desk.json('push', source, 'bad-half', '--create')
  const target = join(desk.dir, 'bad-half-back')
  await mkdir(target)
  await writeFile(partialPath(join(target, 'w.bin'), files[0]), 'wrong')
  await desk.json('pull', 'bad-half', target)
  expect(await readTree(target)).toEqual({ 'w.bin': 'the right bytes' })
})

test('names that a system keeps decomposed are composed in the version', async () => {
  const decomposed = 'u\u0308ber/e\u0301.txt'
  const source = await desk.write('nfd', { [decomposed]: 'x' })
  const { files } = await desk.json('push', source, 'nfd', '--create')
  expect(files[0].path).toBe(decomposed.normalize('NFC'))
  const target = join(desk.dir, 'nfd-back')
  await desk.json('pull', 'nfd', target)
  expect(Object.keys(await readTree(target))).toEqual([decomposed.normalize('NFC')])
})

test('one file is pushed under its own name', async () => {
  const source = await desk.write('single', { 'model.onnx': 'onnx' })
  const { files, version } = await desk.json('push', join(source, 'model.onnx'), 'single', '--create', '--draft')
  expect(files).toMatchObject([{ path: 'model.onnx', size: 4 }])
  expect(version.isCommitted).toBe(false)
})

test('links to files are followed, the tools of this machine left out', async () => {
  const source = await desk.write('links', { 'blobs/1': 'content', '.git/config': 'x', '.DS_Store': 'x', '.keep': 'y' })
  await symlink('blobs/1', join(source, 'linked.bin'))
  const { code, stderr } = await desk.holotype('push', source, 'links', '--create')
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'Left out: .DS_Store, .git\n' })
  const target = join(desk.dir, 'links-back')
  await desk.json('pull', 'links', target)
  expect(await readTree(target)).toEqual({ '.keep': 'y', 'blobs/1': 'content', 'linked.bin': 'content' })
})

test('a name that no version can hold is found before anything is sent', async () => {
  const source = await desk.write('odd', { ok: '1', 'what?': '2' })
  const { code, stderr } = await desk.holotype('push', source, 'odd', '--create')
  expect(code).toBe(2)
  expect(stderr).toContain('the path "what?" must not contain a character that Windows reserves')
  expect((await desk.holotype('model', 'get', 'odd')).code).toBe(4)
})

test('a link to a folder is refused, not followed', async () => {
  const source = await desk.write('folder-link', { a: '1' })
  await symlink('.', join(source, 'loop'))
  expect(await desk.holotype('push', source, 'folder-link', '--create')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is a link to a folder'),
  })
})

test('a push goes on with a draft and sends only what is not there', async () => {
  const source = await desk.write('draft', { a: 'first', b: 'second', c: 'third' })
  const { version } = await desk.json('push', join(source, 'a'), 'draft', '--create', '--draft')
  await desk.json('push', join(source, 'b'), 'draft', '--draft', '--version', version.version)
  await writeFile(join(source, 'b'), 'SECOND')
  const done = await desk.json('push', source, 'draft', '--version', version.version, '--message', 'whole')
  expect(done.files).toMatchObject([
    { path: 'a', status: 'kept' },
    { path: 'b', status: 'uploaded' },
    { path: 'c', status: 'uploaded' },
  ])
  expect(done.version).toMatchObject({ isCommitted: true, message: 'whole', fileCount: 3 })

  const again = await desk.holotype('push', source, 'draft', '--version', version.version)
  expect(again).toMatchObject({ code: 5, stderr: expect.stringContaining('is committed') })
})

test('a pull does not write through a linked folder, and replaces a linked file', async () => {
  const source = await desk.write('through', { 'sub/file': 'new', top: 'new' })
  await desk.json('push', source, 'through', '--create')
  const outside = await desk.write('outside', { file: 'old', top: 'old' })
  const target = join(desk.dir, 'through-back')
  await mkdir(target)
  await symlink(outside, join(target, 'sub'))
  await symlink(join(outside, 'top'), join(target, 'top'))
  const { code, stderr } = await desk.holotype('pull', 'through', target)
  expect(code).toBe(5)
  expect(stderr).toContain('is a link, which could lead anywhere')
  expect(await readTree(outside)).toEqual({ file: 'old', top: 'old' })
})

test('the folder of a pull is never made from a name that leads elsewhere', async () => {
  const source = await desk.write('named', { a: '1' })
  await desk.json('push', source, '../named', '--create')
  expect(await desk.holotype('pull', '../named')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Say where: holotype pull <model> <folder>'),
  })
})

test('a file that is too large is refused by name, and the draft can be gone on with', async () => {
  await using small = await startDesk({ HOLOTYPE_MAX_FILE_BYTES: '100000' })
  const source = await small.write('large', { fine: 'x', 'large.bin': randomBytes(8_000_000) })
  const { code, stderr } = await small.holotype('push', source, 'large', '--create')
  expect(code).toBe(1)
  expect(stderr).toContain('error: "large.bin": a file may have at most 100000 bytes\n')
  const [, command = ''] = /To go on, push it again; from another machine: holotype (.*)\n/.exec(stderr) ?? []
  await writeFile(join(source, 'large.bin'), 'small now')
  expect(await small.holotype(...command.split(' '))).toMatchObject({ code: 0 })
})

test('on a terminal a bar shows how far it is, beside the answer, and is gone at the end', async () => {
  const source = await desk.write('bar', { 'w.bin': randomBytes(2_000_000) })
  const { stdout, stderr } = await run(['push', source, 'bar', '--create'], { env: desk.env, terminal: true })
  expect(stdout).toMatch(/^Pushed 1 file, 1\.9 MiB, as version 1 of "bar" \(mo\w+\)\.\n$/)
  expect(stderr).toMatch(/Pushing \[[#-]{24}\] .* of 1\.9 MiB, /)
  expect(stderr.endsWith('\u001b[2K'), JSON.stringify(stderr.slice(-40))).toBe(true)
  const quiet = await run(['push', source, 'bar', '--quiet'], { env: desk.env, terminal: true })
  expect(quiet).toMatchObject({ code: 0, stderr: '' })
})

test('a model that is not there is made only when asked for', async () => {
  const source = await desk.write('absent', { a: '1' })
  expect(await desk.holotype('push', source, 'absent')).toEqual({
    code: 4,
    stdout: '',
    stderr: 'error: there is no model called "absent"\n  Add --create to make it.\n',
  })
})
