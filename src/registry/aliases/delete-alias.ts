import type { Actor } from '../../domain/actor.ts'
import type { Alias } from '../../domain/alias.ts'
import { deleteAliasRow } from '../../metadata/aliases.ts'
import { change } from '../change.ts'
import { lockOwnModel } from '../models/get-model.ts'
import type { Registry } from '../registry.ts'
import { type AliasRef, getAliasOf } from './get-alias.ts'

/** Removes an alias; the version it points at stays. Where it pointed stays in the events. */
export async function deleteAlias(registry: Registry, actor: Actor, ref: AliasRef): Promise<Alias> {
  return await change(registry, actor, 'alias.delete', async ({ trx, record }) => {
    const model = await lockOwnModel(trx, actor, ref.modelId)
    const alias = await getAliasOf(trx, model, ref.alias)
    await deleteAliasRow(trx, model.id, alias.name)
    record({
      kind: 'alias.delete',
      subject: { kind: 'alias', id: alias.name },
      modelId: model.id,
      version: alias.number,
      details: { alias: alias.name },
    })
    return alias
  })
}
