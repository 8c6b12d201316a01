import { lstat, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeDirectory } from '../../src/blobs/make-directory.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'holotype-directory-'))
})
afterEach(() => rm(root, { recursive: true }))

/** Makes the directory and tells which directories were synced, in their order. */
async function syncedBy(path: string, synced: string[] = []): Promise<string[]> {
  await makeDirectory(path, async directory => void synced.push(directory))
  return synced
}

test('every directory that is made is synced into its parent, up to one that existed', async () => {
  const deep = join(root, 'a', 'b', 'c')
  expect(await syncedBy(deep)).toEqual([dirname(root), root, join(root, 'a'), join(root, 'a', 'b')])
  for (const path of [deep, dirname(deep), dirname(dirname(deep))]) expect((await lstat(path)).mode & 0o777).toBe(0o700)
  await makeDirectory(join(root, 'x', 'y'))
})

test('one that existed is synced into its parent: a killed process may have made it', async () => {
  await mkdir(join(root, 'a'))
  expect(await syncedBy(join(root, 'a'))).toEqual([root])
  expect(await syncedBy(join(root, 'a', 'b'))).toEqual([root, join(root, 'a')])
})

test('the parent of one that existed may be closed to us, the parent of a new one must not', async () => {
  const closed = async () => {
    throw Object.assign(new Error('EACCES'), { code: 'EACCES' })
  }
  await makeDirectory(root, closed)
  await expect(makeDirectory(join(root, 'a'), closed)).rejects.toThrow('EACCES')
})

test('a failed sync stops it before the next directory', async () => {
  const failing = async () => {
    throw Object.assign(new Error('EIO'), { code: 'EIO' })
  }
  await expect(makeDirectory(join(root, 'a', 'b'), failing)).rejects.toThrow('EIO')
  await expect(lstat(join(root, 'a'))).rejects.toThrow('ENOENT')
})

test('two processes can make the same directories at the same time', async () => {
  const path = join(root, 'a', 'b', 'c')
  await Promise.all(Array.from({ length: 8 }, () => makeDirectory(path)))
  expect((await lstat(path)).isDirectory()).toBe(true)
})

test('what is there and is no directory is refused, also as a parent and as a link to nothing', async () => {
  await writeFile(join(root, 'file'), '')
  await symlink(join(root, 'nothing'), join(root, 'link'))
  for (const path of ['file', 'file/below', 'link', 'link/below']) {
    await expect(makeDirectory(join(root, path)), path).rejects.toThrow(Error)
  }
  await expect(lstat(join(root, 'nothing'))).rejects.toThrow('ENOENT')
})
