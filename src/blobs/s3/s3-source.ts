/** Opens the stores of S3 storage providers, under the rules of the machine's operator. */
import { invalidArgument } from '../../domain/errors.ts'
import type { S3StorageProvider } from '../../domain/storage-provider.ts'
import type { AllowedEndpoint } from '../allowed-endpoint.ts'
import { StoreUnavailableError } from '../blob-store.ts'
import type { S3Source } from '../stores.ts'
import { checkBucket } from './check-bucket.ts'
import { createEndpointGuard } from './endpoint-guard.ts'
import type { S3Credentials } from './s3-connection.ts'
import { S3Store } from './s3-store.ts'

export interface S3SourceOptions {
  /** The id of this registry. */
  instanceId: string
  openSecret(sealed: string, providerId: string): Promise<string>
  /** Endpoints that may be reached although they are not public. */
  allowedEndpoints: AllowedEndpoint[]
  /** Buckets that may be used with the machine's own credentials. */
  machineBuckets: string[]
}

export function createS3Source(options: S3SourceOptions): S3Source {
  const { instanceId, openSecret, allowedEndpoints, machineBuckets } = options
  const guard = createEndpointGuard(allowedEndpoints)

  async function credentialsOf(provider: S3StorageProvider): Promise<S3Credentials | undefined> {
    const { id, settings, sealedSecret } = provider
    if (settings.accessKey !== null && sealedSecret !== null) {
      return { accessKeyId: settings.accessKey, secretAccessKey: await openSecret(sealedSecret, id) }
    }
    // A tenant who sets up a provider must not borrow what the machine itself may do, nor have its session sent to a server of theirs.
    const isOwnServer = settings.endpoint === null || guard.isNamed(new URL(settings.endpoint))
    if (machineBuckets.includes(settings.bucket) && isOwnServer) return undefined
    throw invalidArgument(
      's3Config.accessKey',
      'must be given: the operator of this registry does not let this bucket be used with the credentials of the machine (HOLOTYPE_S3_MACHINE_BUCKETS)',
    )
  }

  async function connect(provider: S3StorageProvider): Promise<S3Store> {
    return new S3Store({ location: provider.settings, credentials: await credentialsOf(provider), guard })
  }

  async function open(provider: S3StorageProvider): Promise<S3Store> {
    const store = await connect(provider).catch((error: unknown) => {
      throw new StoreUnavailableError(error)
    })
    try {
      const owner = await store.readInstanceId()
      if (owner === instanceId) return store
      const has = owner === undefined ? 'has no object that names its registry' : `is of the registry ${owner}`
      const { bucket, prefix } = provider.settings
      throw new StoreUnavailableError(
        new Error(`the prefix "${prefix}" of bucket ${bucket} ${has}, and this is the registry ${instanceId}`),
      )
    } catch (error) {
      store.close()
      throw error
    }
  }

  async function examine(provider: S3StorageProvider, { isOwn }: { isOwn: boolean }): Promise<void> {
    const { endpoint } = provider.settings
    if (endpoint !== null) requireReachable(endpoint)
    const store = await connect(provider)
    try {
      await checkBucket(store.connection, instanceId, { isOwn })
    } finally {
      store.close()
    }
  }

  function requireReachable(endpoint: string): void {
    try {
      guard.requireAllowed(new URL(endpoint))
    } catch (error) {
      throw invalidArgument('s3Config.endpoint', `can not be used: ${error instanceof Error ? error.message : error}`)
    }
  }

  return { open, examine }
}
