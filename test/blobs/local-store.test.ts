import { execFileSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { link, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BlobNotFoundError, StoreFullError, StoreUnavailableError } from '../../src/blobs/blob-store.ts'
import { type LocalDisk, realDisk } from '../../src/blobs/local/local-disk.ts'
import { LocalStore } from '../../src/blobs/local/local-store.ts'
import { describeBlobStore, listed, listedStaged, newBlobId, openFilesOf, put, readAll, stage } from './contract.ts'

describeBlobStore('a local store', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'holotype-blobs-'))
  let broken: string | undefined
  const write: LocalDisk['write'] = (...args) => (broken ? Promise.reject(failure(broken)) : realDisk.write(...args))
  return {
    store: await LocalStore.open(directory, { disk: { write } }),
    fail(how) {
      broken = how && (how === 'full' ? 'ENOSPC' : 'ENOMEM')
    },
    close: () => rm(directory, { recursive: true }),
  }
})

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: from the disk`), { code })
}

/** A disk where the named operation fails the first time and then works again. */
function failingOnce(operation: keyof LocalDisk, code: string): Partial<LocalDisk> {
  let failed = false
  const real = realDisk[operation] as (...args: unknown[]) => Promise<unknown>
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
  const paths = new Map<unknown, string>()
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
    openDirectory: async path => {
      const directory = await realDisk.openDirectory(path)
      paths.set(directory, path)
      return directory
    },
    syncDirectory: async directory => {
      done.push(`syncDirectory ${paths.get(directory)}`)
      await realDisk.syncDirectory(directory)
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

  it('lists what a crash left half-written, and discards it without what was published', async () => {
    const before = await LocalStore.open(root)
    const [kept, lost] = [newBlobId(), newBlobId()]
    await put(before, kept, Buffer.from('kept'))
    const writer = await stage(before, lost, Buffer.from('lost'))
    // A crash between the two names of a blob leaves both.
    await link(blobPath(kept), join(root, 'tmp', `${kept}.${'0'.repeat(24)}`))
    const after = await LocalStore.open(root)
    expect(await listedStaged(after)).toEqual([kept, lost].sort())
    for (const id of [kept, lost]) await after.discardStaged(id)
    expect(await staging()).toEqual([])
    expect((await readAll(after, kept)).toString()).toBe('kept')
    expect(await after.stat(lost)).toBe(undefined)
    await put(after, lost, Buffer.from('again'))
    expect((await readAll(after, lost)).toString()).toBe('again')
    await writer.discard()
  })

  it('attaches to the directory of another process for reading, and makes nothing there', async () => {
    const attached = LocalStore.attach(root)
    expect(await attached.readInstanceId()).toBe(undefined)
    expect(await readdir(parent)).toEqual([])
    const owner = await LocalStore.open(root)
    const [published, arriving] = [newBlobId(), newBlobId()]
    await put(owner, published, Buffer.from('published'))
    const writer = await stage(owner, arriving, Buffer.from('arriving'))
    expect((await readAll(attached, published)).toString()).toBe('published')
    expect(await listed(attached)).toEqual([published])
    await writer.publish()
    expect((await readAll(attached, arriving)).toString()).toBe('arriving')
  })

  it('is shared by two processes that open it, upload, publish and discard at the same time', async () => {
    const one = await LocalStore.open(root)
    const arriving = await stage(one, newBlobId(), Buffer.from('arriving'))
    const two = await LocalStore.open(root)
    await Promise.all([one.checkHealth(), two.checkHealth()])
    const ids = Array.from({ length: 40 }, newBlobId)
    const outcomes = await Promise.allSettled(
      ids.flatMap(id => [put(one, id, Buffer.from(`one ${id}`)), put(two, id, Buffer.from(`two ${id}`))]),
    )
    // Of the two that publish the same id exactly one may win.
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(ids.length)
    const winners = ids.map((id, index) => `${outcomes[2 * index]?.status === 'fulfilled' ? 'one' : 'two'} ${id}`)
    expect((await Promise.all(ids.map(id => readAll(two, id)))).map(String)).toEqual(winners)
    await arriving.publish()
    expect([await staging(), await listed(one)]).toEqual([[], await listed(two)])
  })

  it('syncs the bytes, then gives them their name, then syncs the new directory and its parent', async () => {
    const { disk, done } = recording()
    const store = await LocalStore.open(root, { disk })
    // The names that were made, and of each directory that existed its own.
    const parents = [dirname(parent), parent, dirname(root), root, dirname(root), root]
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

  it('is not well while the disk refuses a byte, and tries again after five seconds', async () => {
    let now = 1000
    const store = await LocalStore.open(root, { disk: failingOnce('write', 'ENOSPC'), now: () => now })
    await expect(store.checkHealth()).rejects.toThrow(StoreFullError)
    expect(await staging()).toEqual([])
    now += 4999
    await expect(store.checkHealth()).rejects.toThrow(StoreFullError)
    now += 1
    await store.checkHealth()
  })

  it('writes one byte in five seconds, however many ask whether it is well', async () => {
    let now = 1000
    const { disk, done } = recording()
    const store = await LocalStore.open(root, { disk, now: () => now })
    done.splice(0)
    await Promise.all(Array.from({ length: 50 }, () => store.checkHealth()))
    now += 4999
    await store.checkHealth()
    expect(done).toEqual(['write'])
    now += 1
    await store.checkHealth()
    expect(done).toEqual(['write', 'write'])
    expect(await staging()).toEqual([])
  })

  it.each(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EACCES', 'EROFS'])(
    'is out of reach while a directory that is to be synced cannot be opened (%s), and goes on afterwards',
    async code => {
      const disk: Partial<LocalDisk> = {}
      const store = await LocalStore.open(root, { disk: { openDirectory: relay('openDirectory', disk) } })
      const id = newBlobId()
      Object.assign(disk, failingOnce('openDirectory', code))
      const error = await put(store, id, Buffer.from('lost')).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(StoreUnavailableError)
      expect(error).toMatchObject({ cause: { code } })
      expect([await store.stat(id), await staging()]).toEqual([undefined, []])
      await store.checkHealth()
      await put(store, id, Buffer.from('again'))
      expect((await readAll(store, id)).toString()).toBe('again')
    },
  )

  it.each(['write', 'link'] as const)('survives want of memory at the %s', async operation => {
    const store = await LocalStore.open(root, { disk: failingOnce(operation, 'ENOMEM') })
    const id = newBlobId()
    const writer = await store.create(id)
    writer.writable.end(Buffer.from('lost'))
    const publishing = finished(writer.writable).then(() => writer.publish())
    await expect(publishing).rejects.toThrow(StoreUnavailableError)
    await writer.discard()
    expect([await store.stat(id), await staging()]).toEqual([undefined, []])
    await store.checkHealth()
    await put(store, id, Buffer.from('again'))
  })

  it('keeps the id of its registry in a file for its owner only, synced before and after it gets its name', async () => {
    const { disk, done } = recording()
    const store = await LocalStore.open(root, { disk })
    done.splice(0)
    const id = randomUUID()
    await store.writeInstanceId(id)
    const path = join(root, 'blobs', 'instance')
    expect(await readFile(path, 'utf8')).toBe(`${id}\n`)
    expect((await lstat(path)).mode & 0o777).toBe(0o600)
    expect(done).toEqual(['write', 'sync', 'link', `syncDirectory ${join(root, 'blobs')}`])
    expect(await staging()).toEqual([])
    expect(await LocalStore.attach(root).readInstanceId()).toBe(id)
  })

  it.each([
    ['nothing', (path: string) => writeFile(path, '')],
    ['something else', (path: string) => writeFile(path, 'x'.repeat(100_000))],
    ['a pipe', async (path: string) => void execFileSync('mkfifo', [path])],
    ['a directory', (path: string) => mkdir(path)],
    ['a link', (path: string) => symlink('/etc/hostname', path)],
  ])('takes no registry for granted when %s is in the place of its id', async (_what, plant) => {
    const store = await LocalStore.open(root)
    await plant(join(root, 'blobs', 'instance'))
    await expect(store.readInstanceId()).rejects.toThrow(Error)
    await expect(store.writeInstanceId(randomUUID())).rejects.toThrow(Error)
    expect([await staging(), await openFilesOf(root)]).toEqual([[], 0])
  })

  it('removes nothing that is not its own: other names, directories, links, and what they lead to', async () => {
    const store = await LocalStore.open(root)
    const [id, linked] = [newBlobId(), newBlobId()]
    const outside = join(parent, 'outside')
    await mkdir(outside)
    await writeFile(join(outside, linked), 'not yours')
    const mine = ['notes.txt', `${id}.txt`, `${id}.${'0'.repeat(23)}`, `${id}.${'0'.repeat(24)}x`, id]
    for (const name of mine) await writeFile(join(root, 'tmp', name), 'mine')
    await mkdir(join(root, 'tmp', `${id}.${'1'.repeat(24)}`, 'deep'), { recursive: true })
    await symlink(outside, join(root, 'blobs', linked.slice(2, 4)))
    expect([await listedStaged(store), await listed(store)]).toEqual([[], []])
    await store.discardStaged(id)
    await expect(store.delete(linked)).rejects.toThrow('is not a directory')
    await expect(put(store, linked, Buffer.from('x'))).rejects.toThrow('is not a directory')
    expect(await readdir(outside)).toEqual([linked])
    expect((await staging()).sort()).toEqual([...mine, `${id}.${'1'.repeat(24)}`].sort())
  })

  it.each(['blobs', 'tmp'])('refuses to open where %s is a link', async name => {
    const outside = join(parent, 'outside')
    await mkdir(outside)
    await mkdir(root, { recursive: true })
    await symlink(outside, join(root, name))
    await expect(LocalStore.open(root)).rejects.toThrow('links are not followed')
    expect(await readdir(outside)).toEqual([])
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
    await writeFile(join(dirname(blobPath(id)), newBlobId()), 'in the wrong directory')
    expect(await listed(store)).toEqual([id])
  })
})

/** Calls the operation that stands in `replaced` at the time of the call, the real one when there is none. */
function relay(operation: keyof LocalDisk, replaced: Partial<LocalDisk>) {
  return (...args: unknown[]) =>
    ((replaced[operation] ?? realDisk[operation]) as (...args: unknown[]) => Promise<never>)(...args)
}
