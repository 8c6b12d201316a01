/** Each request has an id, which is in its answer, in the events it causes and in the log. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const ID = Symbol('request id')

/** The id that the caller gave in `x-request-id`, when it is 1 to 64 characters of `[A-Za-z0-9._-]`; else a random one. */
export function requestIdOf(request: IncomingMessage & { [ID]?: string }): string {
  request[ID] ??= readId(request.headers['x-request-id']) ?? newRequestId()
  return request[ID]
}

export function newRequestId(): string {
  return randomUUID()
}

function readId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(header) ? header : undefined
}
