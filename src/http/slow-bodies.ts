/**
 * Ends requests whose body hardly moves: without it, a thousand clients that send a byte a minute hold a thousand connections for ever.
 * The framework has no limit on the time of a body, and must have none: a good upload may take hours.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { type Door, findDoor } from './door.ts'
import { HttpError } from './http-error.ts'
import { rawErrorAnswer } from './raw-answer.ts'
import { requestIdOf } from './request-id.ts'

export interface SlowBodyLimits {
  /** Fewer bytes than this in one window, and the request is ended. */
  minBytes: number
  /** In ms. */
  windowMs: number
}

export function endSlowBodies(server: Server, doors: Door[], { minBytes, windowMs }: SlowBodyLimits): void {
  const receiving = new Map<IncomingMessage, { bytesBefore: number; response: ServerResponse }>()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!hasBody(request)) return
    // Minus infinity: the first check may come at once, and only a whole window counts.
    receiving.set(request, { bytesBefore: Number.NEGATIVE_INFINITY, response })
    request.once('close', () => receiving.delete(request))
  })
  const timer = setInterval(() => {
    for (const [request, { bytesBefore, response }] of receiving) {
      const { bytesRead } = request.socket
      if (request.complete) receiving.delete(request)
      // Bytes that wait for us to read them are our slowness, not the sender's.
      else if (bytesRead - bytesBefore < minBytes && request.readableLength === 0) end(doors, request, response)
      else receiving.set(request, { bytesBefore: bytesRead, response })
    }
  }, windowMs)
  timer.unref()
  server.once('close', () => clearInterval(timer))
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function end(doors: Door[], request: IncomingMessage, response: ServerResponse): void {
  const { socket, headersSent } = response
  // An answer that has begun can only be broken off.
  if (!socket || headersSent) return void socket?.destroy()
  const error = new HttpError(408, 'the body arrived too slowly; send it again')
  response.statusCode = error.statusCode
  socket.write(rawErrorAnswer(findDoor(doors, request.url ?? ''), error, requestIdOf(request)))
  socket.destroySoon()
}
