/** Passes requests on to a registry or an S3 store as they come, counts what goes through of parts, and can hold parts back or answer in the registry's place. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { portOf } from './ports.ts'

export interface PartProxy extends AsyncDisposable {
  url: string
  /** Bytes of parts that have come so far. */
  bytes: number
  /** Each request so far: `PUT /v1/uploads/…`. */
  seen: string[]
  /** How many parts have been on their way at once, at most. */
  mostAtOnce: number
  /** Lets only so many further parts through, and of the others the first chunk. Resolves when these are there and one waits behind them. */
  holdAfter(parts: number): Promise<void>
  /** No part is held back any more. */
  release(): void
}

/** `answer` may answer a request in the registry's place, and returns true then. */
export async function startPartProxy(
  target: string,
  answer: (incoming: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<PartProxy> {
  const { hostname, port } = new URL(target)
  let gate: { left: number; arrived: number; isWaiting: boolean; open: () => void; wanted: number } | undefined
  const look = () => {
    if (gate?.isWaiting && gate.arrived >= gate.wanted) gate.open()
  }
  let atOnce = 0
  const proxy = { bytes: 0, mostAtOnce: 0, seen: [] as string[] }
  const server = createServer((incoming, response) => {
    const { method = '', url = '', headers } = incoming
    proxy.seen.push(`${method} ${url}`)
    const isPart = method === 'PUT' && /^\/v1\/uploads\/|[?&]partNumber=/.test(url)
    if (answer(incoming, response)) return
    const onward = request({ hostname, port, method, path: url, headers })
    onward.on('error', () => incoming.destroy())
    incoming.on('error', () => onward.destroy())
    incoming.on('close', () => incoming.complete || onward.destroy())
    const mine = gate
    const isHeld = isPart && mine !== undefined && mine.left <= 0
    if (isPart) {
      atOnce += 1
      proxy.mostAtOnce = Math.max(proxy.mostAtOnce, atOnce)
      response.once('close', () => {
        atOnce -= 1
      })
      if (mine) mine.left -= 1
    }
    incoming.on('data', (chunk: Buffer) => {
      if (isPart) proxy.bytes += chunk.length
      onward.write(chunk)
      if (!isHeld) return
      incoming.pause()
      mine.isWaiting = true
      look()
    })
    incoming.on('end', () => onward.end())
    onward.on('response', answered => {
      response.writeHead(answered.statusCode ?? 500, answered.headers)
      answered.pipe(response)
      if (!isPart || !mine) return
      mine.arrived += 1
      look()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${portOf(server)}`,
    holdAfter(parts: number) {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = { left: parts, wanted: parts, arrived: 0, isWaiting: false, open: resolve }
      return promise
    },
    release() {
      gate = undefined
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}
