/**
 * How every change is made: one transaction that asks again whether the actor's key may still be used, does the work, queues the jobs and
 * hands over the events. What holds for all changes is here, so that no operation can forget it.
 */
import type { Actor, KeyActor } from '../domain/actor.ts'
import { conflict } from '../domain/errors.ts'
import type { Event, EventKind, NewEvent } from '../domain/event.ts'
import { newId } from '../domain/ids.ts'
import type { JobKind, NewJob } from '../domain/job.ts'
import { type Permission, requirePermission } from '../domain/permissions.ts'
import type { EventLog, Transaction } from '../metadata/database.ts'
import {
  deleteOldIdempotencyKeys,
  type IdempotencyRecord,
  keepIdempotentResult,
  takeIdempotencyKey,
} from '../metadata/idempotency-keys.ts'
import { enqueueJobs } from '../metadata/jobs.ts'
import { lockTeam } from '../metadata/teams.ts'
import { requireStillAuthenticated } from './api-keys/authenticate.ts'
import type { Registry } from './registry.ts'

/** What the work of a change gets. */
export interface Change {
  trx: Transaction
  actor: KeyActor
  /** The time of the change, in ms since 1970. Taken inside the transaction, so that the order of times is the order of creation. */
  at: number
  /** Notes what happened. The database writes it last, in the order of the commits. */
  record<K extends EventKind>(event: NewEvent<K>): void
  /** Queues a job with the change; the worker is woken after the commit. */
  queue<K extends JobKind>(job: NewJob<K>): void
}

export interface ChangeOptions {
  /** The result holds a secret, so it is not kept for a repeated request. */
  isSecret?: boolean
  /**
   * Locks the actor's team, before the actor's key is held: of two that revoke each other's keys, one waits here, and then learns that its own
   * is gone. Else each would hold its key and wait for the other's.
   */
  locksTeam?: boolean
}

/** What may wait for room. The rest must still be done when there is little: deleting, revoking, and giving a key that may do so. */
const ADDS_ROWS = /^(?!api-key).*[.](create|put|update|commit)$/

/** How long a repeated request is recognised, in ms. */
const IDEMPOTENCY_MS = 24 * 60 * 60_000

/**
 * Runs `work` as one durable change. It may be run again from the start, see `Database.transaction`. A request that is repeated with its
 * `Idempotency-Key` gets the first result again. Throws `unauthenticated`, `permission_denied`, and what `work` throws.
 */
export async function change<T>(
  registry: Registry,
  actor: Actor,
  permission: Permission,
  work: (change: Change) => Promise<T>,
  { isSecret = false, locksTeam = false }: ChangeOptions = {},
): Promise<T> {
  const keyActor = requirePermission(actor, permission)
  if (ADDS_ROWS.test(permission)) registry.db.requireRoom()
  return await transact(registry, async ({ trx, log, jobs, at }) => {
    if (locksTeam) await lockTeam(trx, keyActor.teamId)
    await requireStillAuthenticated(trx, keyActor, at)
    const repeated = await findFirstResult<T>(trx, keyActor, at)
    if (repeated) return repeated.value
    const value = await work({
      trx,
      actor: keyActor,
      at,
      record: event => log.append(completeEvent(keyActor, event, at)),
      queue: job => jobs.push(job),
    })
    await keepFirstResult(trx, keyActor, isSecret ? null : value)
    return value
  })
}

/** A change that the registry makes by itself, in a job or about its own bookkeeping, or that the machine's owner makes beside it. */
export interface SystemChange {
  trx: Transaction
  at: number
  /** Notes what happened in a team, by nobody's key. */
  record<K extends EventKind>(event: NewEvent<K> & { teamId: string }): void
  queue<K extends JobKind>(job: NewJob<K>): void
}

export async function changeAsSystem<T>(registry: Registry, work: (change: SystemChange) => Promise<T>): Promise<T> {
  return await transact(registry, ({ trx, log, jobs, at }) =>
    work({
      trx,
      at,
      record: event => log.append(completeEvent({ ...NOBODY, teamId: event.teamId }, event, at)),
      queue: job => jobs.push(job),
    }),
  )
}

interface Parts {
  trx: Transaction
  log: EventLog
  jobs: NewJob[]
  at: number
}

async function transact<T>(registry: Registry, work: (parts: Parts) => Promise<T>): Promise<T> {
  let isJobDue = false
  const value = await registry.db.transaction(async (trx, log) => {
    const jobs: NewJob[] = []
    const at = registry.clock.now()
    const result = await work({ trx, log, jobs, at })
    await enqueueJobs(trx, jobs, at)
    isJobDue = jobs.length > 0
    return result
  })
  if (isJobDue) registry.wakeJobs()
  return value
}

const NOBODY = { userId: null, apiKeyId: null, request: { id: null, address: null } }

type Cause = Pick<KeyActor, 'teamId' | 'request'> & { userId: string | null; apiKeyId: string | null }

function completeEvent({ teamId, userId, apiKeyId, request }: Cause, event: NewEvent, at: number): Event {
  return {
    id: newId('event'),
    teamId: event.teamId ?? teamId,
    kind: event.kind,
    subject: event.subject,
    modelId: event.modelId ?? null,
    version: event.version ?? null,
    createdAt: at,
    userId,
    apiKeyId,
    requestId: request.id,
    address: request.address,
    details: { ...event.details },
  }
}

/** Undefined when the request has no key or is the first with it, which takes the key. */
async function findFirstResult<T>(trx: Transaction, actor: KeyActor, at: number): Promise<{ value: T } | undefined> {
  const { apiKeyId, request } = actor
  if (!request.idempotency) return undefined
  const { key, fingerprint } = request.idempotency
  const before = at - IDEMPOTENCY_MS
  // A few at a time: each new key makes room for itself.
  await deleteOldIdempotencyKeys(trx, before, 10)
  const first = await takeIdempotencyKey(trx, { apiKeyId, key, fingerprint, at, before })
  return first && { value: readResult<T>(first, fingerprint) }
}

function readResult<T>(first: IdempotencyRecord, fingerprint: string): T {
  if (first.fingerprint !== fingerprint) {
    throw conflict('this Idempotency-Key was used for another request; use a new key for each request')
  }
  if (first.result === null) {
    throw conflict(
      'this request was answered before, with a secret that is shown only once; look at the list of what it made',
    )
  }
  return JSON.parse(first.result)
}

async function keepFirstResult(trx: Transaction, { apiKeyId, request }: KeyActor, value: unknown): Promise<void> {
  if (!request.idempotency || value === null) return
  await keepIdempotentResult(trx, { apiKeyId, key: request.idempotency.key, result: JSON.stringify(value ?? true) })
}
