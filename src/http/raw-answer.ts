import { STATUS_CODES } from 'node:http'

/** A whole answer as text, for the socket itself: where there is no request that the framework could answer. It ends the connection. */
export function rawAnswer(status: number, body: object): string {
  const text = JSON.stringify(body)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${text}`
}
