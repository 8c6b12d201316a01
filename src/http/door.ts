/**
 * A door: one protocol that the registry speaks, as a value. It differs from the others in its routes, in where it finds the caller's key
 * and in how it words an error; everything else is shared. `app.ts` puts the doors together, and no other file names one.
 */
import type { FastifyRequest } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import type { TSchema } from 'typebox'
import type { RegistryError } from '../domain/errors.ts'
import type { HttpError } from './http-error.ts'
import type { Route } from './route.ts'

export interface Door {
  name: string
  /** The paths that it owns with everything below them, such as `/v1`, without a trailing slash. Its routes are below each of them. */
  prefixes: string[]
  routes: Route[]
  /** The text of the API key that a request carries; undefined when it carries none. Throws `unauthenticated` when it can't be read. */
  readCredentials(request: FastifyRequest): string | undefined
  /** What a caller without a key is told: how to send one. */
  missingCredentials: string
  /** Whether callers without a key may read what is public. */
  allowsAnonymousReads: boolean
  /**
   * Any error in the door's own words, also a 404 for a path that it owns without having a route for it. `request` is undefined where the
   * HTTP was so broken that there is none.
   */
  renderError(error: RegistryError | HttpError, request: FastifyRequest | undefined): ErrorAnswer
  /** How the door appears in the published contract. Without it, it doesn't. */
  contract?: DoorContract
}

export interface ErrorAnswer {
  status: number
  headers?: Record<string, string>
  /** Sent as JSON. */
  body: object
}

export interface DoorContract {
  /** The body of every error. */
  errorSchema: TSchema
  /** How a key is sent, and under which name the contract refers to it. */
  security: { name: string; scheme: OpenAPIV3_1.SecuritySchemeObject }
}

/** The door that owns the path of a URL; undefined where none does. */
export function findDoor(doors: Door[], url: string): Door | undefined {
  // A request line may hold a whole URL (RFC 9112 §3.2.2).
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0] ?? ''
  const owned = doors.flatMap(door =>
    door.prefixes.filter(prefix => isBelow(path, prefix)).map(prefix => ({ door, prefix })),
  )
  // Of two prefixes the longer one says more.
  return owned.toSorted((a, b) => b.prefix.length - a.prefix.length)[0]?.door
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`)
}
