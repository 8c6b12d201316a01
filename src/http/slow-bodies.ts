/**
 * Ends requests whose body all but stands still: without it, a thousand clients that send a byte a minute hold a thousand connections for
 * ever. The framework has no limit on the time of a body, and must have none: a good upload may take hours.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { rawAnswer } from './raw-answer.ts'

export interface SlowBodyLimits {
  /** Fewer bytes than this in one window, and the request is ended. */
  minBytes: number
  /** In ms. */
  windowMs: number
}

const TOO_SLOW = { code: 'TIMEOUT', message: 'the body arrived too slowly; send it again' }

export function endSlowBodies(server: Server, { minBytes, windowMs }: SlowBodyLimits): void {
  const receiving = new Map<IncomingMessage, { bytesBefore: number; response: ServerResponse }>()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!hasBody(request)) return
    // Fast enough until the first look, which may come the moment after: nobody is judged by less than a whole window.
    receiving.set(request, { bytesBefore: Number.NEGATIVE_INFINITY, response })
    request.once('close', () => receiving.delete(request))
  })
  const timer = setInterval(() => {
    for (const [request, { bytesBefore, response }] of receiving) {
      const { bytesRead } = request.socket
      if (request.complete) receiving.delete(request)
      // Bytes that wait for us to take them are our slowness, not the sender's.
      else if (bytesRead - bytesBefore < minBytes && request.readableLength === 0) end(response)
      else receiving.set(request, { bytesBefore: bytesRead, response })
    }
  }, windowMs)
  timer.unref()
  server.once('close', () => clearInterval(timer))
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function end({ socket, headersSent }: ServerResponse): void {
  // An answer that has begun can only be broken off.
  if (!socket || headersSent) return void socket?.destroy()
  socket.write(rawAnswer(408, TOO_SLOW))
  socket.destroySoon()
}
