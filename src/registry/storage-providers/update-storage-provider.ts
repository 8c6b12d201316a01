import type { Actor } from '../../domain/actor.ts'
import { conflict, invalidArgument } from '../../domain/errors.ts'
import { requirePermission } from '../../domain/permissions.ts'
import {
  requireS3Settings,
  requireSecret,
  requireStorageProviderName,
  type S3Settings,
  type S3StorageProvider,
  SECRET_MASK,
  type StorageProvider,
} from '../../domain/storage-provider.ts'
import {
  clearDefaultStorageProvider,
  findProviderUse,
  updateStorageProvider as updateRow,
} from '../../metadata/storage-providers.ts'
import { type Change, change } from '../change.ts'
import type { Registry } from '../registry.ts'
import type { NewStorageProvider } from './create-storage-provider.ts'
import { getOwnStorageProvider, lockOwnStorageProvider } from './get-storage-provider.ts'

export interface StorageProviderChange {
  id: string
  name?: string | undefined
  isTeamDefault?: boolean | undefined
  /** What is left out of it stays as it is. */
  s3?: Partial<NewStorageProvider['s3']> | undefined
}

/**
 * Changes a storage provider. New settings of a bucket are tried out first, as when it was made; where bytes lie in the old place, the new one must have this
 * registry's mark already. Throws what `createStorageProvider` does, `not_found`, and `conflict` where the team would be left without a default.
 */
export async function updateStorageProvider(
  registry: Registry,
  actor: Actor,
  input: StorageProviderChange,
): Promise<StorageProvider> {
  const { teamId } = requirePermission(actor, 'storage-provider.update')
  const before = await getOwnStorageProvider(registry.db.read, actor, input.id)
  const after = await applyChange(registry, before, input)
  requireDefaultStays(before, after)
  if (after.kind === 's3' && input.s3) await examine(registry, before, after)
  const update = async ({ trx, record }: Change) => {
    const present = await lockOwnStorageProvider(trx, actor, before.id)
    requireSame(before, present)
    if (after.isTeamDefault && !present.isTeamDefault) await clearDefaultStorageProvider(trx, teamId)
    await updateRow(trx, after)
    record({
      kind: 'storage-provider.update',
      subject: { kind: 'storage-provider', id: after.id },
      details: { name: after.name, changed: nameChanges(before, after), isTeamDefault: after.isTeamDefault },
    })
    return after
  }
  return await change(registry, actor, 'storage-provider.update', update, { locksTeam: true })
}

async function applyChange(
  registry: Registry,
  before: StorageProvider,
  { name, isTeamDefault, s3 }: StorageProviderChange,
): Promise<StorageProvider> {
  const common = {
    name: name === undefined ? before.name : requireStorageProviderName(name),
    isTeamDefault: isTeamDefault ?? before.isTeamDefault,
  }
  if (before.kind === 'local') {
    if (s3) throw conflict('the bytes of this storage provider are kept by the registry itself; it has no bucket')
    return { ...before, ...common }
  }
  if (!s3) return { ...before, ...common }
  const settings = mergeSettings(before.settings, s3)
  return { ...before, ...common, settings, sealedSecret: await chooseSecret(registry, before, settings, s3) }
}

function mergeSettings(before: S3Settings, s3: NonNullable<StorageProviderChange['s3']>): S3Settings {
  const given = Object.fromEntries(Object.entries(s3).filter(([, value]) => value !== undefined))
  // Without a word about it, the style of the URLs follows the endpoint.
  const style = given['endpoint'] !== undefined && given['isPathStyle'] === undefined ? { isPathStyle: undefined } : {}
  return requireS3Settings({ ...before, ...given, ...style })
}

/** The mask, or nothing, means the known one. It is never sent to another server than the one it was given for. */
async function chooseSecret(
  registry: Registry,
  before: S3StorageProvider,
  settings: S3Settings,
  { secretAccessKey }: NonNullable<StorageProviderChange['s3']>,
): Promise<string | null> {
  if (settings.accessKey === null) return null
  if (secretAccessKey && secretAccessKey !== SECRET_MASK) {
    return await registry.secrets.seal(requireSecret(secretAccessKey), before.id)
  }
  const isSameServer = settings.endpoint === before.settings.endpoint
  if (before.sealedSecret !== null && isSameServer && settings.accessKey === before.settings.accessKey) {
    return before.sealedSecret
  }
  throw invalidArgument('s3Config.secretAccessKey', 'must be given again when the endpoint or the access key changes')
}

async function examine(registry: Registry, before: StorageProvider, after: S3StorageProvider): Promise<void> {
  const use = await findProviderUse(registry.db.read, before.id)
  await registry.stores.examine(after, { isOwn: use !== undefined && use !== 'models' })
}

/** Models that name no provider must always have a place. */
function requireDefaultStays(before: StorageProvider, after: StorageProvider): void {
  if (!before.isTeamDefault || after.isTeamDefault) return
  throw conflict("a team always has a default: make another storage provider the team's default instead", {
    kind: 'storage-provider',
    id: before.id,
  })
}

/** What was tried out must be what is written. The default may have moved meanwhile. */
function requireSame(before: StorageProvider, present: StorageProvider): void {
  const essence = (provider: StorageProvider) => JSON.stringify({ ...provider, isTeamDefault: false })
  if (essence(before) === essence(present)) return
  throw conflict('the storage provider was changed by somebody else meanwhile; look at it and try again', {
    kind: 'storage-provider',
    id: before.id,
  })
}

/** Names, never values: an event holds no secret. */
function nameChanges(before: StorageProvider, after: StorageProvider): string[] {
  const [old, fresh] = [flatten(before), flatten(after)]
  return Object.keys(fresh).filter(key => fresh[key] !== old[key])
}

function flatten(provider: StorageProvider): Record<string, unknown> {
  const { name, isTeamDefault } = provider
  if (provider.kind === 'local') return { name, isTeamDefault }
  return { name, isTeamDefault, ...provider.settings, secretAccessKey: provider.sealedSecret }
}
