import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { link, lstat, mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BlobNotFoundError, StoreFullError } from '../../src/blobs/blob-store.ts'
import { type LocalDisk, realDisk } from '../../src/blobs/local/local-disk.ts'
import { LocalStore } from '../../src/blobs/local/local-store.ts'
import { describeBlobStore, listed, newBlobId, openFilesOf, put, readAll, stage } from './contract.ts'

describeBlobStore('a local store', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'holotype-blobs-'))
  return { store: await LocalStore.open(directory), close: () => rm(directory, { recursive: true }) }
})

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: from the disk`), { code })
}

/** A disk where the named operation fails the first time and then works again. */
function failingOnce(operation: keyof LocalDisk, code: string): Partial<LocalDisk> {
  let failed = false
  const real = realDisk[operation] as (...args: unknown[]) => Promise<void>
  const once = async (...args: unknown[]) => {
    if (failed) return real(...args)
    failed = true
    throw failure(code)
  }
  return { [operation]: once }
}

/** A disk that works and writes down what it was asked to do. */
function recording(): { disk: LocalDisk; done: string[] } {
  const done: string[] = []
  const disk: LocalDisk = {
    ...realDisk,
    write: async (file, chunks) => {
      done.push('write')
      await realDisk.write(file, chunks)
    },
    dataSync: async file => {
      done.push('dataSync')
      await realDisk.dataSync(file)
    },
    sync: async file => {
      done.push('sync')
      await realDisk.sync(file)
    },
    syncDirectory: async path => {
      done.push(`syncDirectory ${path}`)
      await realDisk.syncDirectory(path)
    },
    link: async (from, to) => {
      done.push('link')
      await realDisk.link(from, to)
    },
  }
  return { disk, done }
}

describe('a local store', () => {
  let parent: string
  let root: string
  const blobPath = (id: string) => join(root, 'blobs', id.slice(2, 4), id)
  const staging = () => readdir(join(root, 'tmp'))

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'holotype-blobs-'))
    root = join(parent, 'deep', 'store')
  })
  afterEach(() => rm(parent, { recursive: true }))

  it('is for its owner only: directories 0700, files 0600', async () => {
    const store = await LocalStore.open(root)
    const id = newBlobId()
    const writer = await stage(store, id, Buffer.from('secret'))
    const [staged] = await staging()
    const modes = [join(root, 'tmp', staged ?? '')]
    const mode = async (path: string) => ((await lstat(path)).mode & 0o777).toString(8)
    expect(await Promise.all(modes.map(mode))).toEqual(['600'])
    await writer.publish()
    const directories = [dirname(root), root, join(root, 'blobs'), join(root, 'tmp'), dirname(blobPath(id))]
    expect(await Promise.all(directories.map(mode))).toEqual(directories.map(() => '700'))
    expect(await mode(blobPath(id))).toBe('600')
    expect((await lstat(blobPath(id))).nlink).toBe(1)
    expect(await staging()).toEqual([])
  })

  it('sweeps what a crash left half-written when it opens, and keeps what was published', async () => {
    const before = await LocalStore.open(root)
    const [kept, lost] = [newBlobId(), newBlobId()]
    await put(before, kept, Buffer.from('kept'))
    const writer = await stage(before, lost, Buffer.from('lost'))
    // A crash between the two names of a blob leaves both.
    await link(blobPath(kept), join(root, 'tmp', `${kept}.0123`))
    const after = await LocalStore.open(root)
    expect(await staging()).toEqual([])
    expect((await readAll(after, kept)).toString()).toBe('kept')
    expect(await after.stat(lost)).toBe(undefined)
    await put(after, lost, Buffer.from('again'))
    expect((await readAll(after, lost)).toString()).toBe('again')
    await writer.discard()
  })

  it('reads beside the process that owns it without sweeping what is arriving there', async () => {
    const owner = await LocalStore.open(root)
    const [published, arriving] = [newBlobId(), newBlobId()]
    await put(owner, published, Buffer.from('published'))
    const writer = await stage(owner, arriving, Buffer.from('arriving'))
    const beside = LocalStore.beside(root)
    expect((await readAll(beside, published)).toString()).toBe('published')
    expect(await listed(beside)).toEqual([published])
    await writer.publish()
    expect((await readAll(beside, arriving)).toString()).toBe('arriving')
  })

  it('syncs the bytes, then gives them their name, then syncs the new directory and its parent', async () => {
    const { disk, done } = recording()
    const store = await LocalStore.open(root, { disk })
    const parents = [root, dirname(root), parent, root]
    expect(done.splice(0)).toEqual(parents.map(path => `syncDirectory ${path}`))
    const id = newBlobId()
    await put(store, id, Buffer.from('bytes'))
    expect(done).toEqual([
      'write',
      'sync',
      'link',
      `syncDirectory ${dirname(blobPath(id))}`,
      `syncDirectory ${join(root, 'blobs')}`,
    ])
  })

  it('writes in large pieces and syncs behind a long upload', async () => {
    const { disk, done } = recording()
    const store = await LocalStore.open(root, { disk })
    done.splice(0)
    const chunk = randomBytes(64 * 1024)
    const writer = await stage(store, newBlobId(), ...Array.from({ length: 2 * 1024 }, () => chunk))
    expect(done.filter(step => step === 'write')).toHaveLength(512)
    expect(done.filter(step => step === 'dataSync')).toHaveLength(2)
    await writer.discard()
  })

  it('does not gather crumbs without end', async () => {
    const { disk, done } = recording()
    const store = await LocalStore.open(root, { disk })
    done.splice(0)
    const id = newBlobId()
    await put(store, id, ...Array.from({ length: 5000 }, (_, i) => Buffer.of(i % 251)))
    expect(done.filter(step => step === 'write')).toHaveLength(10)
    expect([...(await readAll(store, id))]).toEqual(Array.from({ length: 5000 }, (_, i) => i % 251))
  })

  it.each(['sync', 'syncDirectory'] as const)(
    'never believes a disk again whose %s has failed once',
    async operation => {
      const disk: Partial<LocalDisk> = {}
      const store = await LocalStore.open(root, { disk: { ...realDisk, [operation]: relay(operation, disk) } })
      const id = newBlobId()
      const early = newBlobId()
      await put(store, early, Buffer.from('before'))
      const racing = await stage(store, newBlobId(), Buffer.from('at the same time'))
      Object.assign(disk, failingOnce(operation, 'EIO'))
      await expect(put(store, id, Buffer.from('lost'))).rejects.toThrow('EIO')
      expect(await store.stat(id)).toBe(undefined)
      await expect(store.checkHealth()).rejects.toThrow('takes no more bytes')
      await expect(racing.publish()).rejects.toThrow('takes no more bytes')
      await expect(store.create(newBlobId())).rejects.toThrow('takes no more bytes')
      expect(await staging()).toEqual([])
      expect((await readAll(store, early)).toString()).toBe('before')
      expect(await openFilesOf(root)).toBe(0)
    },
  )

  it.each([70, 130])('treats a failed sync in the background of %i MiB like any other', async mebibytes => {
    const store = await LocalStore.open(root, { disk: failingOnce('dataSync', 'EIO') })
    const id = newBlobId()
    const chunk = randomBytes(1024 * 1024)
    const writer = await store.create(id)
    const outcome = finished(writer.writable).catch((error: unknown) => error)
    for (let i = 0; i < mebibytes; i++) writer.writable.write(chunk)
    writer.writable.end()
    expect(await outcome).toMatchObject({ code: 'EIO' })
    await expect(store.checkHealth()).rejects.toThrow('takes no more bytes')
    await expect(writer.publish()).rejects.toThrow(Error)
    await writer.discard()
    expect(await staging()).toEqual([])
    expect(await store.stat(id)).toBe(undefined)
  })

  it.each(['ENOSPC', 'EDQUOT'])('says that the store is full on %s and works again when there is room', async code => {
    const store = await LocalStore.open(root, { disk: failingOnce('write', code) })
    const writer = await store.create(newBlobId())
    writer.writable.end(randomBytes(1000))
    await expect(finished(writer.writable)).rejects.toThrow(StoreFullError)
    await writer.discard()
    expect(await staging()).toEqual([])
    await store.checkHealth()
    const id = newBlobId()
    await put(store, id, Buffer.from('fits'))
    expect((await readAll(store, id)).toString()).toBe('fits')
  })

  it('says that the store is full when only the name finds no room', async () => {
    const store = await LocalStore.open(root, { disk: failingOnce('link', 'ENOSPC') })
    const id = newBlobId()
    await expect(put(store, id, Buffer.from('x'))).rejects.toThrow(StoreFullError)
    expect(await staging()).toEqual([])
    expect(await store.stat(id)).toBe(undefined)
  })

  it('is not well while the disk refuses a byte', async () => {
    const store = await LocalStore.open(root, { disk: failingOnce('write', 'ENOSPC') })
    await expect(store.checkHealth()).rejects.toThrow(StoreFullError)
    expect(await staging()).toEqual([])
    await store.checkHealth()
  })

  it('goes on after a short write', async () => {
    const { path, bytes } = { path: join(parent, 'short'), bytes: randomBytes(1000) }
    const { open } = await import('node:fs/promises')
    await using file = await open(path, 'w+')
    const short = Object.create(file, {
      writev: { value: (chunks: Buffer[]) => file.write(Buffer.concat(chunks), 0, 300) },
      write: { value: (rest: Buffer, offset: number) => file.write(rest, offset, Math.min(300, rest.length - offset)) },
    })
    await realDisk.write(short, [bytes.subarray(0, 10), bytes.subarray(10)])
    const read = Buffer.alloc(1000)
    await file.read(read, 0, 1000, 0)
    expect(read.equals(bytes)).toBe(true)
  })

  it('does not follow a link planted in place of a blob', async () => {
    const store = await LocalStore.open(root)
    const id = newBlobId()
    const outside = join(parent, 'outside')
    await writeFile(outside, 'not yours')
    await mkdir(dirname(blobPath(id)))
    await symlink(outside, blobPath(id))
    const error = await store.read(id).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ELOOP' })
    expect(error).not.toBeInstanceOf(BlobNotFoundError)
    await expect(store.stat(id)).rejects.toThrow('not a regular file')
    await expect(put(store, id, Buffer.from('mine'))).rejects.toThrow('already in the store')
    expect(await listed(store)).toEqual([])
    await store.delete(id)
    expect((await lstat(outside)).size).toBe(9)
  })

  it('neither hangs on a planted pipe nor reads a planted directory', async () => {
    const store = await LocalStore.open(root)
    const [pipe, directory] = [newBlobId(), newBlobId()]
    await mkdir(dirname(blobPath(pipe)))
    execFileSync('mkfifo', [blobPath(pipe)])
    await mkdir(blobPath(directory), { recursive: true })
    await expect(store.read(pipe)).rejects.toThrow('not a regular file')
    await expect(store.read(directory)).rejects.toThrow('not a regular file')
    expect(await openFilesOf(root)).toBe(0)
  })

  it('fails a reader whose blob is shorter than it was, instead of ending early', async () => {
    const store = await LocalStore.open(root)
    const id = newBlobId()
    await put(store, id, randomBytes(1_000_000))
    const { stream } = await store.read(id)
    await truncate(blobPath(id), 500_000)
    await expect(buffer(stream)).rejects.toThrow('ends at byte 500000')
    expect(await openFilesOf(id)).toBe(0)
  })

  it('tells the size and breaks a range beyond the end off, without leaving the file open', async () => {
    const store = await LocalStore.open(root)
    const id = newBlobId()
    await put(store, id, Buffer.from('ten bytes!'))
    const { size, stream } = await store.read(id, { start: 0, end: 10 })
    expect(size).toBe(10)
    await expect(buffer(stream)).rejects.toThrow('ends at byte 10')
    expect(await openFilesOf(id)).toBe(0)
  })

  it('ignores files that are not its own when it lists', async () => {
    const store = await LocalStore.open(root)
    const id = newBlobId()
    await put(store, id, Buffer.from('mine'))
    await writeFile(join(root, 'blobs', 'README'), '')
    await writeFile(join(dirname(blobPath(id)), 'notes.txt'), '')
    expect(await listed(store)).toEqual([id])
  })
})

/** Calls the operation that stands in `replaced` at the time of the call, the real one when there is none. */
function relay(operation: keyof LocalDisk, replaced: Partial<LocalDisk>) {
  return (...args: unknown[]) =>
    ((replaced[operation] ?? realDisk[operation]) as (...args: unknown[]) => Promise<void>)(...args)
}
