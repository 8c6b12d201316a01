import type { Actor } from '../../domain/actor.ts'
import { invalidArgument } from '../../domain/errors.ts'
import { newId } from '../../domain/ids.ts'
import { requirePermission } from '../../domain/permissions.ts'
import {
  requireS3Settings,
  requireSecret,
  requireStorageProviderName,
  type S3Input,
  type S3StorageProvider,
  SECRET_MASK,
} from '../../domain/storage-provider.ts'
import { clearDefaultStorageProvider, insertStorageProvider } from '../../metadata/storage-providers.ts'
import { type Change, change } from '../change.ts'
import type { Registry } from '../registry.ts'

export interface NewStorageProvider {
  name: string
  isTeamDefault?: boolean | undefined
  s3: S3Input & { secretAccessKey?: string | null | undefined }
}

/**
 * Makes a bucket a place for the team's bytes, once everything that is needed there has proved to work. Throws `invalid_argument` or `unavailable`, which
 * name the step that failed and what the store said, and `conflict` for a place of another registry.
 */
export async function createStorageProvider(
  registry: Registry,
  actor: Actor,
  input: NewStorageProvider,
): Promise<S3StorageProvider> {
  const { teamId } = requirePermission(actor, 'storage-provider.create')
  const id = newId('storageProvider')
  const settings = requireS3Settings(input.s3)
  const secret = requireGivenSecret(settings.accessKey, input.s3.secretAccessKey || null)
  const provider: S3StorageProvider = {
    id,
    teamId,
    name: requireStorageProviderName(input.name),
    isTeamDefault: input.isTeamDefault ?? false,
    createdAt: 0,
    kind: 's3',
    settings,
    sealedSecret: secret === null ? null : await registry.secrets.seal(secret, id),
  }
  // Before the transaction, which does nothing outside the database.
  await registry.stores.examine(provider, { isOwn: false })
  const insert = async ({ trx, at, record }: Change) => {
    if (provider.isTeamDefault) await clearDefaultStorageProvider(trx, teamId)
    const made = { ...provider, createdAt: at }
    await insertStorageProvider(trx, made)
    record({
      kind: 'storage-provider.create',
      subject: { kind: 'storage-provider', id },
      details: {
        name: provider.name,
        kind: 's3',
        bucket: settings.bucket,
        isTeamDefault: provider.isTeamDefault,
      },
    })
    return made
  }
  return await change(registry, actor, 'storage-provider.create', insert, { locksTeam: true })
}

/** Either both keys are there or none. */
function requireGivenSecret(accessKey: string | null, secret: string | null): string | null {
  if (accessKey === null) {
    if (secret === null) return null
    throw invalidArgument('s3Config.accessKey', 'must be given with the secret access key')
  }
  if (secret === null || secret === SECRET_MASK) {
    throw invalidArgument('s3Config.secretAccessKey', 'must be given with the access key')
  }
  return requireSecret(secret)
}
