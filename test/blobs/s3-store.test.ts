import { inject } from 'vitest'
import { S3Store } from '../../src/blobs/s3/s3-store.ts'
import { forwardTo, openS3Door } from '../support/s3-door.ts'
import { NO_VERSITYGW } from '../support/versitygw.ts'
import { describeBlobStore, type OpenedStore } from './contract.ts'
import {
  failWrites,
  makeBucket,
  openFakeStore,
  storeOptions,
  TEST_PART_BYTES,
  type TestStoreOptions,
} from './s3-stores.ts'

const endpoint = inject('versitygw')
const stagedBytes = TEST_PART_BYTES + 1

describeBlobStore('an S3 store on a server in memory', async () => {
  const opened = await openFakeStore()
  return {
    store: opened.store,
    fail: how => failWrites(opened.door, how),
    stagedBytes,
    close: () => opened.close(),
  }
})

async function openReal(options: TestStoreOptions = {}): Promise<OpenedStore> {
  if (endpoint === undefined) throw new Error(NO_VERSITYGW)
  const bucket = await makeBucket(endpoint)
  const door = await openS3Door(forwardTo(endpoint))
  const store = new S3Store(storeOptions(door.endpoint, { ...options, location: { bucket, ...options.location } }))
  return {
    store,
    fail: how => failWrites(door, how),
    stagedBytes,
    async close() {
      store.close()
      await door.close()
    },
  }
}

const skipped = endpoint === undefined ? NO_VERSITYGW : undefined
describeBlobStore('an S3 store on versitygw', () => openReal(), { skipped })
describeBlobStore(
  'an S3 store on versitygw without checksums and without a prefix',
  () => openReal({ location: { checksums: 'none', prefix: '' } }),
  { skipped },
)
