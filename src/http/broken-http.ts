/** Broken HTTP reaches no route; it still gets an answer that the clients of the door can read. */
import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { type Door, findDoor } from './door.ts'
import { HttpError } from './http-error.ts'
import { rawErrorAnswer } from './raw-answer.ts'
import { newRequestId } from './request-id.ts'

interface ClientError extends Error {
  code?: string
  /** The bytes that the parser was reading, where it is its error. */
  rawPacket?: unknown
}

const URL_OF_LATEST = Symbol('the URL of the latest request on a connection')
type WatchedSocket = Socket & { [URL_OF_LATEST]?: string }

/** Remembers which path each connection is used for, which `answerBrokenHttp` needs to choose the door. */
export function watchPaths(server: Server): void {
  server.on('request', ({ socket, url }: IncomingMessage & { socket: WatchedSocket }) => {
    if (url !== undefined) socket[URL_OF_LATEST] = url
  })
}

/** `onAnswer` gets the status and the id of the answer, where there is one. */
export function answerBrokenHttp(
  doors: Door[],
  error: ClientError,
  socket: WatchedSocket,
  onAnswer: (status: number, requestId: string) => void,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, reason] = REASONS[error.code ?? ''] ?? [400, 'this is not a well-formed HTTP request']
  // What broke may be the middle of a body: then the path is that of the request before it.
  const url = readUrl(error.rawPacket) ?? socket[URL_OF_LATEST]
  const door = url === undefined ? undefined : findDoor(doors, url)
  const requestId = newRequestId()
  socket.end(rawErrorAnswer(door, new HttpError(status, reason), requestId))
  onAnswer(status, requestId)
}

/** The URL of a request line, as far as it was received. */
function readUrl(packet: unknown): string | undefined {
  const start = Buffer.isBuffer(packet) ? packet.subarray(0, 4096).toString('latin1') : ''
  return /^\S*[ \t]+(\/[^\s?]*|https?:\/\/[^\s?]+)/.exec(start)?.[1]
}

const REASONS: Record<string, [status: number, reason: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'the headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request took too long to arrive'],
}
