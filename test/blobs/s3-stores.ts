/** Opens S3 stores for tests: on a server of our own in memory, or on a real one. */
import { randomBytes } from 'node:crypto'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { createEndpointGuard } from '../../src/blobs/s3/endpoint-guard.ts'
import { S3Store, type S3StoreOptions } from '../../src/blobs/s3/s3-store.ts'
import type { S3Location } from '../../src/domain/s3-location.ts'
import { createFakeS3, type FakeS3 } from '../support/fake-s3.ts'
import { openS3Door, type S3Door, s3Error } from '../support/s3-door.ts'
import { VERSITYGW_CREDENTIALS } from '../support/versitygw.ts'

/** The least that S3 takes: smaller parts make faster tests. */
export const TEST_PART_BYTES = 5 * 1024 * 1024

/** For servers of tests, all on this machine. */
export const loopback = createEndpointGuard([{ kind: 'range', address: '127.0.0.0', bits: 8 }])

export type TestStoreOptions = Partial<Omit<S3StoreOptions, 'location'>> & { location?: Partial<S3Location> }

export function storeOptions(endpoint: string, options: TestStoreOptions = {}): S3StoreOptions {
  const location: S3Location = {
    bucket: 'models',
    prefix: 'team/',
    endpoint,
    region: 'us-east-1',
    isPathStyle: true,
    checksums: 'sha256',
    ...options.location,
  }
  return {
    credentials: VERSITYGW_CREDENTIALS,
    guard: loopback,
    partBytesMin: TEST_PART_BYTES,
    ...options,
    location,
  }
}

export interface FakeStore extends AsyncDisposable {
  close(): Promise<void>
  store: S3Store
  door: S3Door
  fake: FakeS3
  /** Another store on the same bucket, as another process has it. */
  openSecond(): S3Store
}

export async function openFakeStore(options: TestStoreOptions = {}): Promise<FakeStore> {
  const fake = createFakeS3()
  const door = await openS3Door(fake.backend)
  const stores: S3Store[] = []
  const open = () => {
    const store = new S3Store(storeOptions(door.endpoint, options))
    stores.push(store)
    return store
  }
  const close = async () => {
    for (const store of stores) store.close()
    await door.close()
  }
  return {
    store: open(),
    door,
    fake,
    openSecond: open,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Makes a bucket of its own on a real server. @returns its name. */
export async function makeBucket(endpoint: string): Promise<string> {
  const bucket = `models-${randomBytes(6).toString('hex')}`
  const store = new S3Store(storeOptions(endpoint))
  await store.connection.client.send(new CreateBucketCommand({ Bucket: bucket }))
  store.close()
  return bucket
}

/** Lets every write fail as a store that is full, or one that can't be used. */
export function failWrites(door: S3Door, how: 'full' | 'unavailable' | undefined): void {
  const answer = how === 'full' ? s3Error(507, 'XMinioStorageFull') : s3Error(503, 'SlowDown')
  door.fault = ({ method }) =>
    how !== undefined && /^(PUT|POST)$/.test(method) ? { kind: 'refuse', answer } : undefined
}
