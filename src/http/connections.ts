/** What every open connection is doing. One mechanism for all that may end one: limits, transfers that stand still, a stop. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Network } from '../domain/address.ts'

const CONNECTION = Symbol('connection')
type WatchedSocket = Socket & { [CONNECTION]?: Connection }

export class Connection {
  readonly socket: Socket
  /** When the latest request came, or the connection itself, in ms of the monotonic clock. */
  usedAt = performance.now()
  /** The latest request and its answer. Undefined before the first one, and from some time after the answer has ended. */
  request: IncomingMessage | undefined
  response: ServerResponse | undefined
  /** When the request was first seen by those who look now and then, in ms of the monotonic clock. */
  seenAt: number | undefined
  /** With whom it is counted. Undefined for a trusted proxy, which speaks for many. */
  network: Network | undefined
  /** Whether the body of the request is a file, which may take hours. */
  isUpload = false
  /** The URL of the latest request. */
  url: string | undefined
  /** How far the bytes had come when a window began, and when that was. Undefined while nothing is on its way. */
  window: { bytes: number; since: number } | undefined

  constructor(socket: Socket) {
    this.socket = socket
  }

  /** Whether nothing is being asked or answered. */
  get isQuiet(): boolean {
    return this.response === undefined || this.response.closed
  }

  begin(request: IncomingMessage, response: ServerResponse): void {
    this.request = request
    this.response = response
    this.url = request.url
    this.usedAt = performance.now()
    this.isUpload = false
    this.seenAt = undefined
    this.window = undefined
  }

  forgetExchange(): void {
    this.request = undefined
    this.response = undefined
    this.window = undefined
  }
}

/** In the order in which they were opened. */
export type Connections = ReadonlySet<Connection>

export function watchConnections(server: Server): Connections {
  const open = new Set<Connection>()
  server.on('connection', (socket: WatchedSocket) => {
    const connection = new Connection(socket)
    socket[CONNECTION] = connection
    open.add(connection)
    socket.once('close', () => open.delete(connection))
  })
  // Before the framework, whose routes say more about the request.
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    connectionOf(request.socket)?.begin(request, response)
  })
  return open
}

/** Undefined for a request that came without a connection. */
export function connectionOf(socket: WatchedSocket): Connection | undefined {
  return socket[CONNECTION]
}

/** Requests that are being answered: one of each connection, since those behind it wait for it. */
export function countInFlight(connections: Connections): number {
  let count = 0
  for (const { isQuiet } of connections) if (!isQuiet) count += 1
  return count
}

/** How long a connection with half a request may still complete it once the server stops, in ms. */
const COMPLETE_WITHIN_MS = 2000

/**
 * For a stop that has begun: after a moment every connection on which nothing is asked is ended. Browsers and load balancers open them ahead
 * of use, and the stop would wait for as long as they keep them open.
 */
export function endQuietConnections(connections: Connections): void {
  setTimeout(() => {
    for (const connection of connections) if (connection.isQuiet) connection.socket.destroy()
  }, COMPLETE_WITHIN_MS).unref()
}
