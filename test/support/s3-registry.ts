/** A registry whose bytes can go to an S3 store: one in memory whose answers a test can spoil, or a real one. */
import { randomBytes } from 'node:crypto'
import type { Overrides } from '../../src/app.ts'
import type { Environment } from '../../src/domain/settings.ts'
import { createFakeS3, type FakeS3 } from './fake-s3.ts'
import { startRegistry, type TestRegistry } from './registry.ts'
import { openS3Door, type S3Door } from './s3-door.ts'

/** Nobody may ever see it again. */
export const S3_SECRET = 'a-secret-access-key-4711'

/** Lets S3 providers reach servers of this machine, and keeps their secrets on every database. */
export const S3_ENVIRONMENT: Environment = {
  HOLOTYPE_S3_ALLOWED_ENDPOINTS: '127.0.0.0/8',
  HOLOTYPE_SECRET_KEY: randomBytes(32).toString('base64'),
  HOLOTYPE_RECLAIM_GRACE_SECONDS: '0',
}

export interface S3Registry extends AsyncDisposable {
  r: TestRegistry
  fake: FakeS3
  door: S3Door
  /** The body that makes a provider on the store in memory. */
  provider(changes?: { name?: string; isTeamDefault?: boolean; s3Config?: Record<string, unknown> }): ProviderBody
}

export interface ProviderBody {
  name: string
  isTeamDefault?: boolean
  storageProviderType: 's3'
  s3Config: Record<string, unknown>
}

export async function startS3Registry(env: Environment = {}, overrides: Overrides = {}): Promise<S3Registry> {
  const fake = createFakeS3()
  const door = await openS3Door(fake.backend)
  const r = await startRegistry({ ...S3_ENVIRONMENT, ...env }, overrides)
  return {
    r,
    fake,
    door,
    provider: ({ s3Config = {}, ...changes } = {}) => ({
      name: 'bucket',
      storageProviderType: 's3',
      s3Config: { bucket: 'models', accessKey: 'AK', secretAccessKey: S3_SECRET, endpoint: door.endpoint, ...s3Config },
      ...changes,
    }),
    async [Symbol.asyncDispose]() {
      await r.close()
      await door.close()
    },
  }
}
