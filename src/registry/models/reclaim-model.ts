import { deleteSomeAliases } from '../../metadata/aliases.ts'
import { deleteModelRow, findModel } from '../../metadata/models.ts'
import { deleteSomeModelTags } from '../../metadata/version-tags.ts'
import { listAllVersionNumbers } from '../../metadata/versions.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'
import { RECLAIM_BATCH, reclaimVersion } from '../versions/reclaim-version.ts'

/**
 * Removes rows of a deleted model, a bounded number per run. May be repeated: it goes on where it was stopped.
 * @returns when to run again (ms since 1970), or undefined when nothing of the model is left.
 */
export async function reclaimModel(registry: Registry, { modelId }: { modelId: string }): Promise<number | undefined> {
  // What anybody can still see is not to be removed, whatever a job says.
  if (await findModel(registry.db.read, modelId)) return undefined
  const { clock } = registry
  const isEmpty = await changeAsSystem(registry, async ({ trx }) => {
    const aliases = await deleteSomeAliases(trx, modelId, RECLAIM_BATCH)
    return aliases < RECLAIM_BATCH && (await deleteSomeModelTags(trx, modelId, RECLAIM_BATCH)) < RECLAIM_BATCH
  })
  if (!isEmpty) return clock.now()
  for (const number of await listAllVersionNumbers(registry.db.read, modelId, 20)) {
    if ((await reclaimVersion(registry, { modelId, number })) !== undefined) return clock.now()
  }
  if ((await listAllVersionNumbers(registry.db.read, modelId, 1)).length > 0) return clock.now()
  await changeAsSystem(registry, ({ trx }) => deleteModelRow(trx, modelId))
  return undefined
}
