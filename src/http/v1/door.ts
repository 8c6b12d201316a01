/** The Paperspace API and what we add to it, under `/v1`. */
import { NO_BEARER, readBearer } from '../bearer.ts'
import type { Door } from '../door.ts'
import { renderError } from './errors.ts'
import { v1Routes } from './routes.ts'
import { ErrorSchema } from './schema.ts'

export const v1: Door = {
  name: 'v1',
  prefixes: ['/v1'],
  routes: v1Routes,
  readCredentials: readBearer,
  missingCredentials: NO_BEARER,
  allowsAnonymousReads: false,
  renderError,
  contract: {
    errorSchema: ErrorSchema,
    security: { name: 'BearerAuth', scheme: { type: 'http', scheme: 'bearer', description: 'An API key.' } },
  },
}
