/** Broken HTTP reaches no route; it still gets an answer that the clients of the door can read. */
import type { Socket } from 'node:net'
import { connectionOf } from './connections.ts'
import { type Door, findDoor } from './door.ts'
import { HttpError } from './http-error.ts'
import { rawErrorAnswer } from './raw-answer.ts'
import { newRequestId } from './request-id.ts'

interface ClientError extends Error {
  code?: string
  /** The bytes that the parser was reading, where it is its error. */
  rawPacket?: unknown
}

/** `onAnswer` gets the status and the id of the answer, where there is one. */
export function answerBrokenHttp(
  doors: Door[],
  error: ClientError,
  socket: Socket,
  onAnswer: (status: number, requestId: string) => void,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, reason] = REASONS[error.code ?? ''] ?? [400, 'this is not a well-formed HTTP request']
  // What broke may be the middle of a body: then the path is that of the request before it.
  const url = readUrl(error.rawPacket) ?? connectionOf(socket)?.url
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
