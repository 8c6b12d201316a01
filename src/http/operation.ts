/**
 * How a door declares an operation: who may call it, what it takes and gives, and the few lines that do it. Everything about one URL
 * stands in one file; nothing is decided in distant middleware.
 */
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { Actor } from '../domain/actor.ts'
import type { Registry } from '../registry/registry.ts'

/** Who may call an operation. Each role includes the ones before it; `anyone` needs no key, but a key that is sent must be good. */
export type Access = 'anyone' | 'reader' | 'writer' | 'admin' | 'instance-admin'

/** What an operation's `handle` gets. */
export interface Call<A extends Access, Params, Query, Body> {
  registry: Registry
  /** Who is asking; undefined only where anyone may. */
  actor: A extends 'anyone' ? Actor | undefined : Actor
  params: Params
  query: Query
  /** The checked JSON body, or the unread byte stream where `takes` is `bytes`. */
  body: Body
  request: FastifyRequest
  reply: FastifyReply
  /** The origin under which the caller reaches us, without a trailing slash. */
  origin: string
}

interface Declaration<A extends Access, P extends TSchema, Q extends TSchema> {
  /** Unique: the operationId of the published contract. */
  id: string
  method: HTTPMethods
  /** As in OpenAPI, below the door's own prefix. A last `{name+}` takes the rest of the path, slashes included. */
  path: string
  access: A
  /** The heading it stands under in the published contract. */
  tag: string
  summary: string
  description?: string
  /** Answers other than 200 and the errors, with what each means. */
  otherAnswers?: Record<number, string>
  params?: P
  query?: Q
}

/** JSON in, JSON out. */
export interface JsonOperation<
  A extends Access,
  P extends TSchema,
  Q extends TSchema,
  B extends TSchema,
  R extends TSchema,
> extends Declaration<A, P, Q> {
  takes?: 'json'
  gives?: 'json'
  body?: B
  response: R
  handle(call: Call<A, Static<P>, Static<Q>, Static<B>>): Promise<Static<R>>
}

/** Bytes in, JSON out: the body reaches `handle` unread, and without a limit of the door's. */
export interface UploadOperation<A extends Access, P extends TSchema, Q extends TSchema, R extends TSchema>
  extends Declaration<A, P, Q> {
  takes: 'bytes'
  gives?: 'json'
  response: R
  handle(call: Call<A, Static<P>, Static<Q>, Readable>): Promise<Static<R>>
}

/** Bytes out: `handle` sends them through `reply` itself. */
export interface DownloadOperation<A extends Access, P extends TSchema, Q extends TSchema>
  extends Declaration<A, P, Q> {
  takes?: 'json'
  gives: 'bytes'
  /** The media type of the bytes. */
  mediaType: string
  handle(call: Call<A, Static<P>, Static<Q>, undefined>): Promise<FastifyReply>
}

/** An operation whose types have done their work, for putting into a list. */
export interface Operation extends Declaration<Access, TSchema, TSchema> {
  takes?: 'json' | 'bytes'
  gives?: 'json' | 'bytes'
  body?: TSchema
  response?: TSchema
  mediaType?: string
  handle(call: Call<Access, unknown, unknown, unknown>): Promise<unknown>
}

export function defineOperation<
  const A extends Access,
  P extends TSchema,
  Q extends TSchema,
  B extends TSchema,
  R extends TSchema,
>(operation: JsonOperation<A, P, Q, B, R>): Operation {
  return operation as unknown as Operation
}

export function defineUpload<const A extends Access, P extends TSchema, Q extends TSchema, R extends TSchema>(
  operation: UploadOperation<A, P, Q, R>,
): Operation {
  return operation as unknown as Operation
}

export function defineDownload<const A extends Access, P extends TSchema, Q extends TSchema>(
  operation: DownloadOperation<A, P, Q>,
): Operation {
  return operation as unknown as Operation
}
