/** Requests that no client library would send: paths that nothing tidies up, and bytes straight into a socket. */
import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect, type Socket } from 'node:net'
import { buffer, text } from 'node:stream/consumers'

export interface RawAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/** One request over a real socket. `path` is sent as it is: dot segments and odd escapes stay. `url` is that of the API. */
export async function sendRequest(
  url: string,
  request: { method?: string; path: string; headers?: Record<string, string | string[]>; body?: string | Buffer },
): Promise<RawAnswer> {
  const { hostname, port, pathname } = new URL(url)
  const { method = 'GET', path, headers = {}, body } = request
  const sent = httpRequest({ hostname, port, method, path: `${pathname}${path}`, headers, agent: false })
  sent.end(body)
  const [answer] = await once(sent, 'response')
  // From here on whoever reads the answer gets its errors.
  sent.on('error', () => {})
  return { status: answer.statusCode, headers: answer.headers, body: await buffer(answer) }
}

export async function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  return socket
}

/** Writes bytes into a fresh socket, and answers everything that comes back until the server ends it. */
export async function exchange(url: string, bytes: string | Buffer): Promise<string> {
  const socket = await openSocket(url)
  socket.write(bytes)
  return await text(socket)
}

/** The status and the JSON body of an answer as it went over the wire. */
export function parseAnswer(answer: string): { status: number; body: unknown } {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2)
  return { status: Number(head.split(' ', 2)[1]), body: JSON.parse(body) }
}
