import type { Actor } from '../../domain/actor.ts'
import type { EventKind } from '../../domain/event.ts'
import type { Queryable } from '../../metadata/database.ts'
import { insertEvent } from '../../metadata/events.ts'

export interface Happening {
  kind: EventKind
  at: number
  modelId?: string
  version?: number
  details?: Record<string, unknown>
}

/** Writes down who did what. Always in the transaction of the change itself: either both are there or neither. */
export async function recordEvent(trx: Queryable, actor: Actor, happening: Happening): Promise<void> {
  await insertEvent(trx, {
    teamId: actor.teamId,
    userId: actor.userId,
    apiKeyId: actor.apiKeyId,
    kind: happening.kind,
    createdAt: happening.at,
    modelId: happening.modelId ?? null,
    version: happening.version ?? null,
    details: happening.details ?? {},
  })
}
