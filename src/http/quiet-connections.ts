/** Connections without a complete request: browsers and load balancers open them ahead of use. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** How long a connection with half a request may still complete it once the server stops, in ms. */
const COMPLETE_WITHIN_MS = 2000

export interface ConnectionWatch {
  /** How many requests are being answered right now. */
  requestsInFlight(): number
  /**
   * For a stop that has begun: after a moment it ends every connection without a request in flight, which would otherwise delay the stop for
   * as long as the client keeps it open.
   */
  endQuietConnections(): void
}

/** Counts the requests in flight on each connection. */
export function watchConnections(server: Server): ConnectionWatch {
  const inFlight = new Map<Socket, number>()
  server.on('connection', (socket: Socket) => {
    inFlight.set(socket, 0)
    socket.once('close', () => inFlight.delete(socket))
  })
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    inFlight.set(socket, (inFlight.get(socket) ?? 0) + 1)
    response.once('close', () => {
      const before = inFlight.get(socket)
      if (before !== undefined) inFlight.set(socket, before - 1)
    })
  })
  return {
    requestsInFlight: () => inFlight.values().reduce((sum, requests) => sum + requests, 0),
    endQuietConnections() {
      setTimeout(() => {
        for (const [socket, requests] of inFlight) if (requests === 0) socket.destroy()
      }, COMPLETE_WITHIN_MS).unref()
    },
  }
}
