/**
 * The typed client: every operation of the published contract, with the types made from it. A refusal is thrown as an `ApiError`, and so is an
 * answer that is not what the contract says. Requests that may arrive twice are tried again when the connection breaks: every POST too, as
 * it carries a key by which the registry recognises a repetition.
 */
import { randomUUID } from 'node:crypto'
import createFetchClient, { type Client as FetchClient } from 'openapi-fetch'
import type { Connection } from './connection.ts'
import { ApiError } from './errors.ts'
import { retry } from './retry.ts'
import type { components, paths } from './schema.ts'
import { sendJson } from './send-json.ts'

export type { Connection } from './connection.ts'
export type Client = FetchClient<paths>
type Schemas = components['schemas']
export type Model = Schemas['Model']
export type Version = Schemas['Version']
export type StoredFile = Schemas['File']
export type Event = Schemas['Event']
export type PartedUpload = Schemas['Upload']
export type PartOffer = Schemas['PartOffer']

export interface ClientOptions extends Connection {
  signal?: AbortSignal | undefined
}

export function createClient({ signal, ...connection }: ClientOptions): Client {
  /** Which operation a request is, on its way from the one hook to the other. */
  const templates = new WeakMap<Request, string>()
  const client = createFetchClient<paths>({
    baseUrl: connection.url,
    ...(signal && { signal }),
    fetch: request => send(connection, request, templates.get(request) ?? ''),
  })
  client.use({
    onRequest: ({ params, request, schemaPath }) => {
      refuseOddSegments(params.path ?? {})
      // Runs once for each request, before its first attempt, so all attempts have the same key.
      if (request.method === 'POST') request.headers.set('idempotency-key', randomUUID())
      templates.set(request, schemaPath)
    },
  })
  return client
}

/** The data of an answer: `await dataOf(client.GET('/v1/models'))`. */
export async function dataOf<T>(answer: Promise<{ data?: T; response: Response }>): Promise<NonNullable<T>> {
  const { data, response } = await answer
  if (data !== undefined && data !== null) return data
  const message = `the answer (status ${response.status}) is empty, where a registry says something`
  throw new ApiError({ status: response.status, code: '', message })
}

const MAY_ARRIVE_TWICE = new Set(['GET', 'PUT', 'POST'])
/** How long one request may be tried again, in ms: people wait for it. */
const RETRY_WITHIN_MS = 120_000

async function send(connection: Connection, request: Request, template: string): Promise<Response> {
  const { method, signal } = request
  const body = await request.text()
  const headers = Object.fromEntries(request.headers)
  const attempt = () => sendJson(connection, { method, target: new URL(request.url), template, headers, body, signal })
  const mayRepeat = MAY_ARRIVE_TWICE.has(method)
  const value = await (mayRepeat ? retry(attempt, { signal, withinMs: RETRY_WITHIN_MS }) : attempt())
  return toResponse(value)
}

/** The value has been parsed and checked already, and is handed on as it is: with a length given, `json()` is what is asked for it. */
function toResponse(value: unknown): Response {
  const response = new Response(null, { headers: { 'content-length': '1' } })
  return Object.assign(response, { json: () => Promise.resolve(value) })
}

/** The URL standard takes `.` and `..` as steps between folders even when they are percent-encoded, so they would lead elsewhere. */
function refuseOddSegments(segments: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(segments)) {
    if (/^\.{0,2}$/.test(String(value))) {
      throw new ApiError({ status: 400, code: 'BAD_REQUEST', message: `"${value}" can't be the ${name} of anything` })
    }
  }
}
