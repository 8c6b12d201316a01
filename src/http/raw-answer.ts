import { STATUS_CODES } from 'node:http'
import type { Door } from './door.ts'
import { renderError } from './errors.ts'
import type { HttpError } from './http-error.ts'

/** A whole error answer as text, for the socket itself: where there is no request that the framework could answer. It ends the connection. */
export function rawErrorAnswer(door: Door | undefined, error: HttpError, requestId: string): string {
  const { status, headers = {}, body } = renderError(door, error, undefined)
  const text = JSON.stringify(body)
  const lines = Object.entries({
    ...headers,
    'x-request-id': requestId,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n${text}`
}
