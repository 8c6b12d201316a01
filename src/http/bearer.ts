import type { FastifyRequest } from 'fastify'
import { RegistryError } from '../domain/errors.ts'

/** The key in `Authorization: Bearer <key>` (RFC 6750); undefined without the header. Throws `unauthenticated` for any other content. */
export function readBearer({ headers: { authorization } }: FastifyRequest): string | undefined {
  if (authorization === undefined) return undefined
  const key = /^Bearer +([^\s]+)$/i.exec(authorization)?.[1]
  if (!key) throw new RegistryError('unauthenticated', 'the Authorization header must read "Bearer <key>"')
  return key
}

export const NO_BEARER = 'an API key is needed: send the header "Authorization: Bearer <key>"'
