import { expect, test } from 'vitest'
import type { BlobStore } from '../../src/blobs/blob-store.ts'
import { createStores, type StoreSources } from '../../src/blobs/stores.ts'
import type { StorageProvider } from '../../src/domain/storage-provider.ts'
import { MemoryStore } from '../support/memory-store.ts'

function provider(id: string, kind = 'local'): StorageProvider {
  const row = { id, teamId: 'te0000000000001', name: id, kind, isTeamDefault: false, createdAt: 0 }
  return row as StorageProvider
}

/** A kind whose providers have a store each, and the stores that it has opened. */
function separate(open = async (): Promise<BlobStore> => new MemoryStore()) {
  const opened: string[] = []
  const local: StoreSources['local'] = async ({ id }) => {
    opened.push(id)
    return await open()
  }
  return { opened, stores: createStores({ local }) }
}

test('all providers of a kind with one store share it', async () => {
  const local = new MemoryStore()
  const stores = createStores({ local })
  expect(await stores.of(provider('sp1'))).toBe(local)
  expect(await stores.of(provider('sp2'))).toBe(local)
  expect(await stores.all()).toEqual([local])
})

test('the store of a single provider is opened once, when it is first asked for', async () => {
  const { opened, stores } = separate()
  expect(await stores.all()).toEqual([])
  const [one, again, other] = await Promise.all(['sp1', 'sp1', 'sp2'].map(id => stores.of(provider(id))))
  expect(again).toBe(one)
  expect(other).not.toBe(one)
  expect(opened).toEqual(['sp1', 'sp2'])
  expect(await stores.all()).toEqual([one, other])
})

test('a store that could not be opened is tried again by the next caller', async () => {
  let isBroken = true
  const { opened, stores } = separate(async () => {
    if (isBroken) throw new Error('no such bucket')
    return new MemoryStore()
  })
  await expect(stores.of(provider('sp1'))).rejects.toThrow('no such bucket')
  expect(await stores.all()).toEqual([])
  isBroken = false
  expect(await stores.of(provider('sp1'))).toBeInstanceOf(MemoryStore)
  expect(opened).toEqual(['sp1', 'sp1'])
})

test.for(['tape', '', 'constructor', '__proto__', 'toString'])(
  'a provider of the kind "%s" is refused with a sentence, and not looked for elsewhere',
  (kind, { expect }) => {
    const stores = createStores({ local: new MemoryStore() })
    const sentence = `storage provider sp1 is of the kind ${JSON.stringify(kind)}, which this release`
    expect(() => stores.of(provider('sp1', kind))).toThrow(sentence)
  },
)

test('health is that of the shared stores: the provider of a single team must not stop the others', async () => {
  const local = new MemoryStore()
  const shared = createStores({ local })
  await shared.checkHealth()
  local.failure = new Error('the disk is gone')
  await expect(shared.checkHealth()).rejects.toThrow('the disk is gone')
  const { stores } = separate(async () => local)
  await stores.of(provider('sp1'))
  await stores.checkHealth()
})
