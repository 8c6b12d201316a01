/**
 * Keeps the number of connections below what the system gives, and that of each address below a part of it. When all places are taken, a connection
 * that is not in use makes room; where there is none, the next one is told so and ended.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { type Network, networkOf, type TrustedProxies } from '../domain/address.ts'
import { type Connection, type Connections, connectionOf } from './connections.ts'
import { HttpError } from './http-error.ts'

export interface ConnectionLimits {
  max: number
  /** Of one address; one that `isTrusted` speaks for many. */
  maxPerAddress: number
  isTrusted: TrustedProxies | undefined
}

/** Places for those who are told no. Connections beyond them are closed without an answer. */
const REFUSED_MAX = 32
/** Those who are to be told no have this long to ask something, in ms. */
const REFUSE_WITHIN_MS = 5000
/** How many are looked at for the one that has not been used for longest. */
const LOOKED_AT_MAX = 1000
/** In ms. A connection that is younger may be about to ask something. */
const UNUSED_FOR_MS = 100
const TRIM_EVERY_MS = 250

export interface ConnectionGate {
  /** Why nothing that comes on this connection is answered; undefined where it is. */
  findRefusal(connection: Connection): HttpError | undefined
}

/** To be called after `watchConnections`. */
export function limitConnections(server: Server, connections: Connections, limits: ConnectionLimits): ConnectionGate {
  const { max, maxPerAddress, isTrusted } = limits
  const counts = new Map<Network, number>()
  const refused = new Set<Connection>()
  server.maxConnections = max + REFUSED_MAX

  /** Makes room where it can. */
  function findRefusal({ network }: Connection): HttpError | undefined {
    const count = network === undefined ? 0 : (counts.get(network) ?? 0)
    if (count > maxPerAddress && !endOneUnused(connections, network)) return tooMany(maxPerAddress)
    return connections.size > max && !endOneUnused(connections) ? allTaken() : undefined
  }

  server.on('connection', (socket: Socket) => {
    const connection = connectionOf(socket)
    const { remoteAddress: address } = socket
    if (!connection || address === undefined) return
    if (!isTrusted?.(address)) {
      const network = networkOf(address)
      connection.network = network
      counts.set(network, (counts.get(network) ?? 0) + 1)
      socket.once('close', () => release(counts, network))
    }
    socket.once('close', () => refused.delete(connection))
    if (findRefusal(connection)) refused.add(connection)
  })
  const timer = setInterval(() => trim(connections, max, refused), TRIM_EVERY_MS)
  timer.unref()
  server.once('close', () => clearInterval(timer))
  return {
    findRefusal(connection) {
      if (!refused.has(connection)) return undefined
      // There may be room by now.
      const refusal = findRefusal(connection)
      if (!refusal) refused.delete(connection)
      return refusal
    },
  }
}

function release(counts: Map<Network, number>, network: Network): void {
  const left = (counts.get(network) ?? 0) - 1
  if (left > 0) counts.set(network, left)
  else counts.delete(network)
}

/** Brings the number of connections back to the limit, as far as some of them are not in use. */
function trim(connections: Connections, max: number, refused: ReadonlySet<Connection>): void {
  for (let over = connections.size - max; over > 0; over--) if (!endOneUnused(connections)) break
  const silentSince = performance.now() - REFUSE_WITHIN_MS
  for (const connection of refused) {
    if (connection.isQuiet && connection.usedAt < silentSince) connection.socket.destroy()
  }
}

/** Of those of one network, or of all. */
function endOneUnused(connections: Connections, network?: Network): boolean {
  let lookedAt = 0
  let unused: Connection | undefined
  let usedAt = performance.now() - UNUSED_FOR_MS
  for (const connection of connections) {
    if (++lookedAt > LOOKED_AT_MAX) break
    if (network !== undefined && connection.network !== network) continue
    if (connection.usedAt >= usedAt || !connection.isQuiet || connection.socket.destroyed) continue
    unused = connection
    usedAt = connection.usedAt
  }
  unused?.socket.destroy()
  return unused !== undefined
}

function tooMany(max: number): HttpError {
  return new HttpError(429, `more than ${max} connections are open from this address; close some first`)
}

function allTaken(): HttpError {
  return new HttpError(503, 'all connections that the server can hold are in use; try again')
}
