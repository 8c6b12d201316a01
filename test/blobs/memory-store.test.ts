import { StoreFullError, StoreUnavailableError } from '../../src/blobs/blob-store.ts'
import { MemoryStore } from '../support/memory-store.ts'
import { describeBlobStore } from './contract.ts'

describeBlobStore('a memory store', async () => {
  const store = new MemoryStore()
  return {
    store,
    fail(how) {
      store.failure = how && (how === 'full' ? new StoreFullError() : new StoreUnavailableError())
    },
    close: async () => {},
  }
})
