import type { Actor } from '../../domain/actor.ts'
import { type Alias, requireAliasName } from '../../domain/alias.ts'
import { conflict } from '../../domain/errors.ts'
import { findAlias, upsertAlias } from '../../metadata/aliases.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'
import { getOwnVersion, type VersionRef } from '../versions/get-version.ts'

/**
 * Points an alias at a committed version, making it or moving it in one step: nobody ever sees it missing or half moved. Where it
 * pointed before stays in the events. Throws `conflict` for a draft.
 */
export async function setAlias(
  registry: Registry,
  actor: Actor,
  input: VersionRef & { alias: string },
): Promise<Alias> {
  requireRole(actor, 'writer')
  const name = requireAliasName(input.alias)
  return await registry.db.transaction(async trx => {
    const { model, version } = await getOwnVersion(trx, actor, input)
    if (version.committedAt === null) {
      throw conflict(`version ${version.number} is a draft; commit it before an alias points at it`)
    }
    const before = await findAlias(trx, model.id, name)
    const at = registry.clock.now()
    const alias: Alias = {
      modelId: model.id,
      name,
      number: version.number,
      userId: actor.userId,
      createdAt: before?.createdAt ?? at,
      modifiedAt: at,
    }
    await upsertAlias(trx, alias)
    const details = { alias: name, previousVersion: before?.number ?? null, digest: version.digest }
    await recordEvent(trx, actor, { kind: 'alias.set', at, modelId: model.id, version: alias.number, details })
    return alias
  })
}
