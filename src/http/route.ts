/**
 * How a door declares a route: which permission it needs, what it accepts and answers, and the few lines that do it. Everything about one
 * URL is in one file; no distant middleware decides anything.
 */
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { Actor, KeyActor } from '../domain/actor.ts'
import type { PERMISSIONS, Permission } from '../domain/permissions.ts'
import type { Registry } from '../registry/registry.ts'

/** Who may be asking by a route with this permission: someone with a key, unless it can be used without one. */
type ActorOf<P extends Permission> = (typeof PERMISSIONS)[P] extends 'anyone' | 'public' ? Actor : KeyActor

/** What the `handle` of a route gets. */
export interface Call<P extends Permission, Params, Query, Body> {
  registry: Registry
  /** Who is asking. */
  actor: ActorOf<P>
  params: Params
  query: Query
  /** The checked JSON body, or the unread byte stream where `takes` is `bytes`. */
  body: Body
  /** The media type that the sender of a byte stream declares, without parameters. */
  mediaType: string
  request: FastifyRequest
  reply: FastifyReply
  /**
   * Where links into the door begin, such as `https://models.example/v1`, without a trailing slash. Without a public URL it is a path: what a request
   * says of its host is the caller's word, and the answer may be shown to another.
   */
  baseUrl: string
}

interface Declaration<P extends Permission, Params extends TSchema, Query extends TSchema> {
  /** Unique: the operationId of the published contract. */
  id: string
  method: HTTPMethods
  /** As in OpenAPI, below the door's own prefix. A last `{path+}` matches the rest of the path, slashes included. */
  path: string
  permission: P
  /** The heading in the published contract. */
  tag: string
  summary: string
  description?: string
  /** Answers other than 200 and the errors, with what each means. */
  otherAnswers?: Record<number, string>
  params?: Params
  query?: Query
}

/** JSON in, JSON out. */
interface JsonRoute<
  P extends Permission,
  Params extends TSchema,
  Query extends TSchema,
  Body extends TSchema,
  Response extends TSchema,
> extends Declaration<P, Params, Query> {
  takes?: 'json'
  gives?: 'json'
  body?: Body
  response: Response
  handle(call: Call<P, Static<Params>, Static<Query>, Static<Body>>): Promise<Static<Response>>
}

/** Bytes in, JSON out: the body reaches `handle` unread, and without a limit of the door's. */
interface UploadRoute<P extends Permission, Params extends TSchema, Query extends TSchema, Response extends TSchema>
  extends Declaration<P, Params, Query> {
  takes: 'bytes'
  gives?: 'json'
  response: Response
  handle(call: Call<P, Static<Params>, Static<Query>, Readable>): Promise<Static<Response>>
}

/** Bytes out: `handle` sends them through `reply` itself. */
interface DownloadRoute<P extends Permission, Params extends TSchema, Query extends TSchema>
  extends Declaration<P, Params, Query> {
  takes?: 'json'
  gives: 'bytes'
  /** The media type of the bytes. */
  mediaType: string
  handle(call: Call<P, Static<Params>, Static<Query>, undefined>): Promise<FastifyReply>
}

/** A route of any kind, for a list. What its types promise was checked by `defineRoute`. */
export interface Route extends Declaration<Permission, TSchema, TSchema> {
  takes?: 'json' | 'bytes'
  gives?: 'json' | 'bytes'
  body?: TSchema
  response?: TSchema
  mediaType?: string
  handle(call: Call<Permission, unknown, unknown, unknown>): Promise<unknown>
}

export function defineRoute<
  const P extends Permission,
  Params extends TSchema,
  Query extends TSchema,
  Body extends TSchema,
  Response extends TSchema,
>(route: JsonRoute<P, Params, Query, Body, Response>): Route
export function defineRoute<
  const P extends Permission,
  Params extends TSchema,
  Query extends TSchema,
  Response extends TSchema,
>(route: UploadRoute<P, Params, Query, Response>): Route
export function defineRoute<const P extends Permission, Params extends TSchema, Query extends TSchema>(
  route: DownloadRoute<P, Params, Query>,
): Route
export function defineRoute(route: unknown): Route {
  return route as Route
}

/** The routes of a door by method and path, for a page that shows both. Throws where a route is at another place than the page says. */
export function contents(page: Record<string, Route>): Route[] {
  return Object.entries(page).map(([place, route]) => {
    const actual = `${route.method} ${route.path}`
    if (place !== actual) throw new Error(`the contents say ${place}, but ${route.id} is ${actual}`)
    return route
  })
}
