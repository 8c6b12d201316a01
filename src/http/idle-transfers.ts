/**
 * Ends what the other side doesn't move on: without it, a thousand clients that send a byte a minute, or take none, hold a thousand
 * connections for ever. A transfer as a whole has no limit, and must have none: a good one may take hours.
 */
import type { IncomingMessage, Server } from 'node:http'
import { reset } from './break-off.ts'
import type { Connection, Connections } from './connections.ts'
import { type Door, findDoor } from './door.ts'
import { HttpError } from './http-error.ts'
import { rawErrorAnswer } from './raw-answer.ts'
import { requestIdOf } from './request-id.ts'

export interface TransferLimits {
  /** An upload of which fewer bytes than `uploadMinBytes` come within `uploadWindowMs` is ended. */
  uploadMinBytes: number
  uploadWindowMs: number
  /** An answer of which nothing is taken for so long is ended. */
  downloadIdleMs: number
  /** A body that is no file must have arrived whole by then. */
  bodyMs: number
}

/** What a stop still waits for, in ms without any movement. */
const IDLE_MS_WHEN_STOPPING = 10_000

export interface IdleTransfers {
  /** For a stop that has begun: what stands still is ended soon. */
  hurry(): void
}

export function endIdleTransfers(
  server: Server,
  connections: Connections,
  doors: Door[],
  given: TransferLimits,
): IdleTransfers {
  const limits = { ...given }
  const { uploadWindowMs, downloadIdleMs, bodyMs } = limits
  const step = Math.max(10, Math.min(1000, uploadWindowMs / 2, downloadIdleMs / 2, bodyMs / 2))
  const timer = setInterval(() => {
    const now = performance.now()
    for (const connection of connections) look(connection, { doors, limits, now })
  }, step)
  timer.unref()
  server.once('close', () => clearInterval(timer))
  return {
    hurry() {
      if (limits.uploadWindowMs > IDLE_MS_WHEN_STOPPING) {
        limits.uploadWindowMs = IDLE_MS_WHEN_STOPPING
        limits.uploadMinBytes = Math.min(limits.uploadMinBytes, 1)
      }
      limits.downloadIdleMs = Math.min(limits.downloadIdleMs, IDLE_MS_WHEN_STOPPING)
    },
  }
}

interface Look {
  doors: Door[]
  limits: TransferLimits
  now: number
}

function look(connection: Connection, at: Look): void {
  const { request, response, socket } = connection
  if (!request || !response) return
  if (response.closed) connection.forgetExchange()
  else if (isArriving(request)) lookAtBody(connection, request, at)
  else if (socket.writableLength > 0) lookAtAnswer(connection, at)
  // The server is at work: nobody waits for the other side.
  else connection.window = undefined
}

function isArriving({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function lookAtBody(connection: Connection, request: IncomingMessage, at: Look): void {
  const { limits, now, doors } = at
  connection.seenAt ??= now
  if (!connection.isUpload && now - connection.seenAt >= limits.bodyMs) {
    const message = `the body took longer than ${limits.bodyMs / 1000} seconds to arrive; send it again`
    refuse(connection, doors, message)
    return
  }
  const { bytesRead } = connection.socket
  connection.window ??= { bytes: bytesRead, since: now }
  const { bytes, since } = connection.window
  if (now - since < limits.uploadWindowMs) return
  // Bytes that wait for us to read them are our slowness, not the sender's.
  const isSlow = bytesRead - bytes < limits.uploadMinBytes && request.readableLength === 0
  if (isSlow) refuse(connection, doors, 'the body arrived too slowly; send it again')
  else connection.window = { bytes: bytesRead, since: now }
}

/** Bytes that the system has taken count as moved: it takes more only when the other side has taken some. */
function lookAtAnswer(connection: Connection, { limits, now }: Look): void {
  const { socket } = connection
  const moved = socket.bytesWritten - socket.writableLength
  if (connection.window?.bytes !== moved) connection.window = { bytes: moved, since: now }
  else if (now - connection.window.since >= limits.downloadIdleMs) reset(socket)
}

function refuse({ request, response, socket }: Connection, doors: Door[], message: string): void {
  // An answer that has begun, or that waits for the one before it, can only be broken off.
  if (!request || response?.socket !== socket || response.headersSent) {
    reset(socket)
    return
  }
  const error = new HttpError(408, message)
  response.statusCode = error.statusCode
  socket.write(rawErrorAnswer(findDoor(doors, request.url ?? ''), error, requestIdOf(request)))
  socket.destroySoon()
}
