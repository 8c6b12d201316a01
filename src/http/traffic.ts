/** Watches every request from its head to its end, however it ends: for the metrics and the access log. It costs one object per request. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyRequest, RouteOptions } from 'fastify'
import { Distribution } from '../domain/distribution.ts'

/** In seconds. */
const DURATIONS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60]

/** What no route has answered. */
const NO_ROUTE = 'none'

export interface EndedRequest {
  request: IncomingMessage
  /** The pattern of the route, such as `/v1/models/:id`. */
  route: string
  /** Undefined when the connection broke before an answer had begun. */
  status: number | undefined
  /** Whether the answer was sent to its end. */
  isComplete: boolean
  ms: number
  /** The API key, where the caller had a good one. */
  apiKeyId: string | undefined
}

const FACTS = Symbol('what is known of a request')

interface Facts {
  startedAt: number
  route: string
  request: FastifyRequest | undefined
}

type WatchedRequest = IncomingMessage & { [FACTS]?: Facts }

/** Durations by route, method and class of status. All three have few values: labels made from what callers send would grow without end. */
export type Durations = Map<string, Map<string, Map<string, Distribution>>>

export interface TrafficListener {
  began?(request: FastifyRequest, route: string): void
  ended?(request: EndedRequest): void
  broken?(status: number, requestId: string): void
}

export class Traffic {
  readonly durations: Durations = new Map()
  /** Requests so broken that they reached no route. */
  broken = 0
  readonly #sockets = new Set<Socket>()
  readonly #listener: TrafficListener
  #received = 0
  #sent = 0

  constructor(server: Server, listener: TrafficListener) {
    this.#listener = listener
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => {
        this.#sockets.delete(socket)
        this.#received += socket.bytesRead
        this.#sent += socket.bytesWritten
      })
    })
    // Before the framework, which begins to handle the request in the same event.
    server.prependListener('request', (request: WatchedRequest, response: ServerResponse) => {
      const facts: Facts = { startedAt: performance.now(), route: NO_ROUTE, request: undefined }
      request[FACTS] = facts
      response.once('close', () => this.#end(facts, request, response))
    })
  }

  get connections(): number {
    return this.#sockets.size
  }

  /** Bytes on all connections since the start, heads included. */
  get bytes(): { received: number; sent: number } {
    let [received, sent] = [this.#received, this.#sent]
    for (const { bytesRead, bytesWritten } of this.#sockets) {
      received += bytesRead
      sent += bytesWritten
    }
    return { received, sent }
  }

  /** Of a request so broken that it reached no route. */
  noteBroken(status: number, requestId: string): void {
    this.broken += 1
    this.#listener.broken?.(status, requestId)
  }

  /** Tells which route a request has come to. */
  note(request: FastifyRequest, route: string): void {
    const facts = (request.raw as WatchedRequest)[FACTS]
    if (!facts) return
    facts.route = route
    facts.request = request
    this.#listener.began?.(request, route)
  }

  #end({ startedAt, route, request: known }: Facts, request: IncomingMessage, response: ServerResponse): void {
    const ms = performance.now() - startedAt
    const { statusCode, headersSent } = response
    // Where the socket itself was answered, the status is set and no head was sent.
    const status = headersSent || statusCode !== 200 ? statusCode : undefined
    this.#distribution(route, request.method ?? '', classOf(status)).add(ms / 1000)
    this.#listener.ended?.({
      request,
      route,
      status,
      isComplete: response.writableFinished,
      ms,
      apiKeyId: known?.actor?.kind === 'key' ? known.actor.apiKeyId : undefined,
    })
  }

  #distribution(route: string, method: string, status: string): Distribution {
    const methods = getOrMake(this.durations, route, () => new Map())
    const classes = getOrMake(methods, method, () => new Map())
    return getOrMake(classes, status, () => new Distribution(DURATIONS))
  }
}

/** Makes a route tell the traffic that a request has come to it, before anything can refuse it. */
export function watchRoute(traffic: Traffic, route: RouteOptions): void {
  const { url } = route
  const others = route.onRequest === undefined ? [] : [route.onRequest].flat()
  route.onRequest = [
    (request, reply, done) => {
      reply.header('x-request-id', request.id)
      traffic.note(request, url)
      done()
    },
    ...others,
  ]
}

const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx']

function classOf(status: number | undefined): string {
  return (status !== undefined && CLASSES[Math.floor(status / 100) - 1]) || 'none'
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
