import type { Actor } from '../../domain/actor.ts'
import type { Alias } from '../../domain/alias.ts'
import { deleteAliasRow } from '../../metadata/aliases.ts'
import { recordEvent } from '../events/record-event.ts'
import { getOwnModel } from '../models/get-model.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'
import { type AliasRef, getAliasOf } from './get-alias.ts'

/** Removes an alias; the version it points at stays. Where it pointed stays in the events. */
export async function deleteAlias(registry: Registry, actor: Actor, ref: AliasRef): Promise<Alias> {
  requireRole(actor, 'writer')
  return await registry.db.transaction(async trx => {
    const model = await getOwnModel(trx, actor, ref.modelId)
    const alias = await getAliasOf(trx, model, ref.alias)
    const at = registry.clock.now()
    await deleteAliasRow(trx, model.id, alias.name)
    const details = { alias: alias.name }
    await recordEvent(trx, actor, { kind: 'alias.delete', at, modelId: model.id, version: alias.number, details })
    return alias
  })
}
