import type { Actor } from '../../domain/actor.ts'
import { type Alias, requireAliasName } from '../../domain/alias.ts'
import { conflict } from '../../domain/errors.ts'
import { findAlias, upsertAlias } from '../../metadata/aliases.ts'
import { change } from '../change.ts'
import { lockOwnModel } from '../models/get-model.ts'
import type { Registry } from '../registry.ts'
import { getVersionOf, type VersionRef } from '../versions/get-version.ts'

/**
 * Points an alias at a committed version, making it or moving it in one step: nobody ever sees it missing or half moved. Where it
 * pointed before stays in the events. Throws `conflict` for a draft.
 */
export async function setAlias(
  registry: Registry,
  actor: Actor,
  input: VersionRef & { alias: string },
): Promise<Alias> {
  const name = requireAliasName(input.alias)
  return await change(registry, actor, 'alias.set', async ({ trx, actor: { userId }, at, record }) => {
    const model = await lockOwnModel(trx, actor, input.modelId)
    const version = await getVersionOf(trx, model, input.ref)
    if (version.committedAt === null) {
      throw conflict(`version ${version.number} is a draft; commit it before an alias points at it`, {
        kind: 'version',
        id: String(version.number),
      })
    }
    const before = await findAlias(trx, model.id, name)
    const { number, digest } = version
    const alias: Alias = {
      modelId: model.id,
      name,
      number,
      userId,
      createdAt: before?.createdAt ?? at,
      modifiedAt: at,
    }
    await upsertAlias(trx, alias)
    record({
      kind: 'alias.set',
      subject: { kind: 'alias', id: name },
      modelId: model.id,
      version: number,
      details: { alias: name, previousVersion: before?.number ?? null, digest },
    })
    return alias
  })
}
