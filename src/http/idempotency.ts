/**
 * The `Idempotency-Key` header (draft-ietf-httpbis-idempotency-key-header): a POST that is sent again with the same key has one effect.
 * The registry keeps the keys; here is what tells a repetition from another request.
 */
import { hash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Actor } from '../domain/actor.ts'
import { invalidArgument } from '../domain/errors.ts'

export const IDEMPOTENCY_KEY_PATTERN = '^[\\x20-\\x7e]{1,255}$'

/** The actor with the key of the request, if it has one. Throws `invalid_argument` when that can't be a key. */
export function withIdempotency(actor: Actor, request: FastifyRequest): Actor {
  const key = request.headers['idempotency-key']
  // What is done without a key is of no lasting effect.
  if (key === undefined || actor.kind === 'anonymous') return actor
  if (typeof key !== 'string' || !new RegExp(IDEMPOTENCY_KEY_PATTERN).test(key)) {
    throw invalidArgument('Idempotency-Key', 'must be 1 to 255 printable ASCII characters')
  }
  return { ...actor, request: { ...actor.request, idempotency: { key, fingerprint: fingerprint(request) } } }
}

/** The same for requests that ask for the same, however their JSON is written. In hex. */
function fingerprint({ method, routeOptions, params, body }: FastifyRequest): string {
  return hash('sha256', toCanonicalJson([method, routeOptions.url, params, body ?? null]))
}

function toCanonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
    return Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })
}
