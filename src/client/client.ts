/**
 * The typed client: every operation of the published contract, with the types made from it. A refusal is thrown as an `ApiError`, so an
 * answer always has its data; requests that may arrive twice are tried again when the connection breaks.
 */
import createFetchClient, { type Client as FetchClient } from 'openapi-fetch'
import { ApiError, ConnectionError, explainNetworkError, toApiError } from './errors.ts'
import { retry } from './retry.ts'
import type { components, paths } from './schema.ts'

export type Client = FetchClient<paths>
type Schemas = components['schemas']
export type Model = Schemas['Model']
export type Version = Schemas['Version']
export type StoredFile = Schemas['File']

/** Which registry, and who asks. */
export interface Connection {
  /** Without `/v1` and without a trailing slash, such as `http://127.0.0.1:8080`. */
  url: string
  key?: string | undefined
}

export interface ClientOptions extends Connection {
  fetch?: (request: Request) => Promise<Response>
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
    onRequest: ({ params }) => refuseOddSegments(params.path ?? {}),
    onResponse: ({ response }) => requireAnswer(response),
  })
  return client
}

export function authorize(key: string): { authorization: string } {
  return { authorization: `Bearer ${key}` }
}

/** The data of an answer: `await dataOf(client.GET('/v1/models'))`. */
export async function dataOf<T>(answer: Promise<{ data?: T; response: Response }>): Promise<NonNullable<T>> {
  const { data, response } = await answer
  if (data === undefined || data === null) throw toApiError(response.status, '')
  return data
}

async function send(request: Request, url: string, fetch: (request: Request) => Promise<Response>): Promise<Response> {
  const mayArriveTwice = request.method === 'GET' || request.method === 'PUT'
  if (!mayArriveTwice) return await sendOnce(request, url, fetch)
  return await retry(async () => await requireAnswer(await sendOnce(request.clone(), url, fetch)), request)
}

async function sendOnce(request: Request, url: string, fetch: (request: Request) => Promise<Response>) {
  try {
    return await fetch(request)
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

async function requireAnswer(response: Response): Promise<Response> {
  const isJson = response.headers.get('content-type')?.includes('application/json') ?? false
  if (response.ok && isJson) return response
  const body = isJson ? await response.text() : ''
  if (!isJson) await response.body?.cancel()
  throw toApiError(response.status, body, response.headers.get('x-holotype-error'))
}
