/** The Paperspace API and what we add to it, under `/v1`. */
import type { FastifyRequest } from 'fastify'
import { RegistryError } from '../../domain/errors.ts'
import type { Door } from '../door.ts'
import { renderError } from './errors.ts'
import { v1Routes } from './routes.ts'
import { ErrorSchema } from './schema.ts'

export const v1: Door = {
  name: 'v1',
  prefixes: ['/v1'],
  routes: v1Routes,
  readCredentials: readBearer,
  missingCredentials: 'an API key is needed: send the header "Authorization: Bearer <key>"',
  allowsAnonymousReads: false,
  renderError,
  contract: {
    errorSchema: ErrorSchema,
    security: { name: 'BearerAuth', scheme: { type: 'http', scheme: 'bearer', description: 'An API key.' } },
  },
}

function readBearer({ headers: { authorization } }: FastifyRequest): string | undefined {
  if (authorization === undefined) return undefined
  const key = /^Bearer +([^\s]+)$/i.exec(authorization)?.[1]
  if (!key) throw new RegistryError('unauthenticated', 'the Authorization header must read "Bearer <key>"')
  return key
}
