import type { Actor } from '../../domain/actor.ts'
import { conflict } from '../../domain/errors.ts'
import { deleteStorageProviderRow, findProviderUse } from '../../metadata/storage-providers.ts'
import { type Change, change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { lockOwnStorageProviderAlone } from './get-storage-provider.ts'

const USES = {
  blobs: 'there are bytes in it: delete the files that have them, or wait until deleted ones are removed',
  uploads: 'bytes are on their way to it: let the uploads end, or delete them',
  removals: 'bytes are being removed from it right now: try again in a moment',
  models: 'models name it: delete them, or wait until deleted ones are removed',
}

/**
 * Forgets a bucket, which must be empty of the registry's bytes. What else is in it stays. Throws `not_found`, and `conflict` for the team's default, for the
 * registry's own directory, and while anything refers to it.
 */
export async function deleteStorageProvider(registry: Registry, actor: Actor, id: string): Promise<{ id: string }> {
  const remove = async ({ trx, record }: Change) => {
    const provider = await lockOwnStorageProviderAlone(trx, actor, id)
    const refuse = (reason: string) =>
      conflict(`the storage provider can't be deleted: ${reason}`, { kind: 'storage-provider', id })
    if (provider.kind === 'local') throw refuse('the registry itself manages it')
    if (provider.isTeamDefault) throw refuse("it is the team's default: make another one the default first")
    const use = await findProviderUse(trx, id)
    if (use) throw refuse(USES[use])
    await deleteStorageProviderRow(trx, id)
    record({
      kind: 'storage-provider.delete',
      subject: { kind: 'storage-provider', id },
      details: { name: provider.name },
    })
    return { id }
  }
  return await change(registry, actor, 'storage-provider.delete', remove, { locksTeam: true })
}
