import { deleteAliasesOfModel } from '../../metadata/aliases.ts'
import { deleteModelRow, findModel } from '../../metadata/models.ts'
import { listAllVersionNumbers } from '../../metadata/versions.ts'
import type { Registry } from '../registry.ts'
import { reclaimVersion } from '../versions/reclaim-version.ts'

/** Removes all rows of a deleted model. May be repeated: it goes on where it was stopped. */
export async function reclaimModel(registry: Registry, modelId: string): Promise<void> {
  // What anybody can still see is not to be removed, whatever a job says.
  if (await findModel(registry.db.read, modelId)) return
  await registry.db.transaction(trx => deleteAliasesOfModel(trx, modelId))
  let numbers: number[]
  do {
    numbers = await listAllVersionNumbers(registry.db.read, modelId, 100)
    for (const number of numbers) await reclaimVersion(registry, { modelId, number })
  } while (numbers.length > 0)
  await registry.db.transaction(trx => deleteModelRow(trx, modelId))
}
