/**
 * The typed client: every operation of the published contract, with the types made from it. A refusal is thrown as an `ApiError`, so an
 * answer always has its data. Requests that may arrive twice are tried again when the connection breaks: every POST too, as it carries a
 * key by which the registry recognises a repetition.
 */
import { randomUUID } from 'node:crypto'
import createFetchClient, { type Client as FetchClient } from 'openapi-fetch'
import { ApiError, ConnectionError, explainNetworkError, toApiError } from './errors.ts'
import { retry } from './retry.ts'
import type { components, paths } from './schema.ts'

export type Client = FetchClient<paths>
type Schemas = components['schemas']
export type Model = Schemas['Model']
export type Version = Schemas['Version']
export type StoredFile = Schemas['File']
export type Event = Schemas['Event']

/** Which registry, and who asks. */
export interface Connection {
  /** Without `/v1` and without a trailing slash, such as `http://127.0.0.1:8080`. */
  url: string
  key?: string | undefined
}

export interface ClientOptions extends Connection {
  fetch?: Fetch
  signal?: AbortSignal | undefined
}

export function createClient({ url, key, fetch = globalThis.fetch, signal }: ClientOptions): Client {
  const client = createFetchClient<paths>({
    baseUrl: url,
    ...(key !== undefined && { headers: authorize(key) }),
    ...(signal && { signal }),
    fetch: request => send(request, url, fetch),
  })
  client.use({
    onRequest: ({ params, request }) => {
      refuseOddSegments(params.path ?? {})
      // Runs once for each request, before its first attempt, so all attempts have the same key.
      if (request.method === 'POST') request.headers.set('idempotency-key', randomUUID())
    },
  })
  return client
}

export function authorize(key: string): { authorization: string } {
  return { authorization: `Bearer ${key}` }
}

/** The data of an answer: `await dataOf(client.GET('/v1/models'))`. */
export async function dataOf<T>(answer: Promise<{ data?: T; response: Response }>): Promise<NonNullable<T>> {
  const { data, response } = await answer
  if (data === undefined || data === null) {
    throw toApiError({ status: response.status, body: '', headers: response.headers })
  }
  return data
}

type Fetch = (request: Request) => Promise<Response>

const MAY_ARRIVE_TWICE = new Set(['GET', 'PUT', 'POST'])
/** How long one request may be tried again, in ms: people wait for it. */
const RETRY_WITHIN_MS = 120_000

async function send(request: Request, url: string, fetch: Fetch): Promise<Response> {
  if (!MAY_ARRIVE_TWICE.has(request.method)) return await sendOnce(request, url, fetch)
  const { signal } = request
  return await retry(() => sendOnce(request.clone(), url, fetch), { signal, withinMs: RETRY_WITHIN_MS })
}

/** Resolves when the whole answer is there: one that breaks off in its body is as good as none. */
async function sendOnce(request: Request, url: string, fetch: Fetch): Promise<Response> {
  const { status, headers, body } = await receive(request, url, fetch)
  if (status < 200 || status > 299 || body === undefined) throw toApiError({ status, headers, body: body ?? '' })
  return new Response(body, { headers })
}

/** The body is undefined when it is not JSON. */
async function receive(request: Request, url: string, fetch: Fetch) {
  try {
    const response = await fetch(request)
    const { status, headers } = response
    if (headers.get('content-type')?.includes('application/json')) {
      return { status, headers, body: await response.text() }
    }
    await response.body?.cancel()
    return { status, headers, body: undefined }
  } catch (error) {
    if (request.signal.aborted) throw request.signal.reason
    throw new ConnectionError(url, explainNetworkError(error), error)
  }
}

/** The URL standard takes `.` and `..` as steps between folders even when they are percent-encoded, so they would lead elsewhere. */
function refuseOddSegments(segments: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(segments)) {
    if (/^\.{0,2}$/.test(String(value))) {
      throw new ApiError({ status: 400, code: 'BAD_REQUEST', message: `"${value}" can't be the ${name} of anything` })
    }
  }
}
