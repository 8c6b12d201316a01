import type { Actor } from '../../domain/actor.ts'
import { type Alias, requireAliasName } from '../../domain/alias.ts'
import { conflict, quote, RegistryError } from '../../domain/errors.ts'
import { findAlias, upsertAlias } from '../../metadata/aliases.ts'
import { change } from '../change.ts'
import { lockOwnModel } from '../models/get-model.ts'
import type { Registry } from '../registry.ts'
import { getVersionOf, type VersionRef } from '../versions/get-version.ts'

export interface AliasTarget extends VersionRef {
  alias: string
  /** The version number that the alias must point at now; null: there must be no such alias. Unless given, it may point anywhere. */
  expectedVersion?: number | null | undefined
  /** A condition of the caller's protocol on what the alias is now. */
  condition?: ((current: Alias | undefined) => boolean) | undefined
}

/**
 * Points an alias at a committed version, making it or moving it in one step: nobody ever sees it missing or half moved. Where it
 * pointed before stays in the events. Throws `conflict` for a draft, and when the alias is not where the caller expects it;
 * `precondition_failed` when the condition does not hold.
 */
export async function setAlias(registry: Registry, actor: Actor, input: AliasTarget): Promise<Alias> {
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
    requireExpected(name, before, input)
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

function requireExpected(name: string, before: Alias | undefined, { expectedVersion, condition }: AliasTarget): void {
  const isAt = before ? `points at version ${before.number}` : 'does not exist'
  if (condition && !condition(before)) {
    throw new RegistryError('precondition_failed', `the alias ${quote(name)} ${isAt}; nothing was changed`, {
      subject: { kind: 'alias', id: name },
    })
  }
  if (expectedVersion === undefined || expectedVersion === (before?.number ?? null)) return
  const expected = expectedVersion === null ? 'it was expected not to exist' : `version ${expectedVersion} was expected`
  throw conflict(`the alias ${quote(name)} ${isAt}, but ${expected}; nothing was changed`, { kind: 'alias', id: name })
}
