import { setImmediate } from 'node:timers/promises'
import { deleteProjectRow, findProject, removeSomeProjectModels } from '../../metadata/projects.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'

/** Models per transaction: few enough that others hardly wait. */
const BATCH = 300
/** Transactions per run: then other jobs get their turn. */
const BATCHES = 10

/**
 * Takes models out of a deleted project, a bounded number per run, and removes its row. May be repeated.
 * @returns when to run again (ms since 1970), or undefined when nothing of the project is left.
 */
export async function reclaimProject(
  registry: Registry,
  { projectId }: { projectId: string },
): Promise<number | undefined> {
  // What anybody can still see is not to be removed, whatever a job says.
  if (await findProject(registry.db.read, projectId)) return undefined
  for (let batch = 0; batch < BATCHES; batch++) {
    const removed = await changeAsSystem(registry, ({ trx }) => removeSomeProjectModels(trx, projectId, BATCH))
    if (removed < BATCH) {
      await changeAsSystem(registry, ({ trx }) => deleteProjectRow(trx, projectId))
      return undefined
    }
    // SQLite answers without leaving the turn: others go first.
    await setImmediate()
  }
  return registry.clock.now()
}
