import { expect, test } from 'vitest'
import { type ClosableStore, createStores } from '../../src/blobs/stores.ts'
import type { S3StorageProvider, StorageProvider } from '../../src/domain/storage-provider.ts'
import { requireS3Settings } from '../../src/domain/storage-provider.ts'
import { MemoryStore } from '../support/memory-store.ts'

const common = (id: string) => ({ id, teamId: 'te0000000000001', name: id, isTeamDefault: false, createdAt: 0 })

const local = (id: string): StorageProvider => ({ ...common(id), kind: 'local' })

function s3(id: string, bucket = 'models', sealedSecret: string | null = null): S3StorageProvider {
  return { ...common(id), kind: 's3', settings: requireS3Settings({ bucket }), sealedSecret }
}

function memory() {
  return Object.assign(new MemoryStore(), {
    isClosed: false,
    close() {
      this.isClosed = true
    },
  })
}

/** Providers with a store each, and the ids of those that were opened. */
function separate(open = async (): Promise<ClosableStore> => memory()) {
  const opened: string[] = []
  const shared = new MemoryStore()
  const stores = createStores({
    local: shared,
    s3: {
      async open({ id }) {
        opened.push(id)
        return await open()
      },
      async examine() {},
    },
  })
  return { opened, shared, stores }
}

test('all local providers share one store', async () => {
  const { shared, stores } = separate()
  expect(await stores.of(local('sp1'))).toBe(shared)
  expect(await stores.of(local('sp2'))).toBe(shared)
  expect(stores.shared).toEqual([shared])
})

test('the store of an S3 provider is opened once, when it is first asked for', async () => {
  const { opened, stores } = separate()
  const [one, again, other] = await Promise.all(['sp1', 'sp1', 'sp2'].map(id => stores.of(s3(id))))
  expect(again).toBe(one)
  expect(other).not.toBe(one)
  expect(opened).toEqual(['sp1', 'sp2'])
})

test('a store is opened anew when what it was made from has changed, and only then', async () => {
  const { opened, stores } = separate()
  const first = await stores.of(s3('sp1'))
  expect(await stores.of({ ...s3('sp1'), name: 'renamed', isTeamDefault: true })).toBe(first)
  const second = await stores.of(s3('sp1', 'other'))
  const third = await stores.of(s3('sp1', 'other', 'v1.sealed'))
  expect(new Set([first, second, third]).size).toBe(3)
  expect(opened).toEqual(['sp1', 'sp1', 'sp1'])
})

test('a store that could not be opened is tried again by the next caller', async () => {
  let isBroken = true
  const { opened, stores } = separate(async () => {
    if (isBroken) throw new Error('no such bucket')
    return memory()
  })
  await expect(stores.of(s3('sp1'))).rejects.toThrow('no such bucket')
  isBroken = false
  expect(await stores.of(s3('sp1'))).toBeInstanceOf(MemoryStore)
  expect(opened).toEqual(['sp1', 'sp1'])
})

test('closing ends every store that was opened, outdated ones too', async () => {
  const { stores } = separate()
  const made = [await stores.of(s3('sp1')), await stores.of(s3('sp1', 'other')), await stores.of(s3('sp2'))]
  stores.close()
  await Promise.resolve()
  expect(made).toMatchObject([{ isClosed: true }, { isClosed: true }, { isClosed: true }])
})

test.for(['tape', '', 'constructor', '__proto__', 'toString'])(
  'a provider of the kind "%s" is refused with a sentence, and not looked for elsewhere',
  (kind, { expect }) => {
    const { stores } = separate()
    const sentence = `storage provider sp1 is of the kind ${JSON.stringify(kind)}, which this release`
    expect(() => stores.of({ ...common('sp1'), kind } as StorageProvider)).toThrow(sentence)
  },
)

test('health is that of the shared store: the provider of a single team must not stop the others', async () => {
  const broken = memory()
  const { shared, stores } = separate(async () => broken)
  broken.failure = new Error('the bucket is gone')
  await stores.of(s3('sp1'))
  await stores.checkHealth()
  shared.failure = new Error('the disk is gone')
  await expect(stores.checkHealth()).rejects.toThrow('the disk is gone')
})
