/** Passes requests on to a registry, but loses answers: the registry has done its work, and its caller can't know. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** `all`: the connection breaks before the answer. `half`: in the midst of it. */
type Loss = 'all' | 'half' | 'nothing'

export interface SeenRequest {
  method: string
  url: string
  headers: IncomingHttpHeaders
}

export interface LossyProxy extends AsyncDisposable {
  url: string
  /** All requests so far, in the order of their arrival. */
  seen: SeenRequest[]
}

/** `decide` gets each request, and how many with its method and URL came before. */
export async function startLossyProxy(
  target: string,
  decide: (request: SeenRequest, before: number) => Loss | Promise<Loss>,
): Promise<LossyProxy> {
  const seen: SeenRequest[] = []
  const server = createServer(async (incoming, response) => {
    const { method = '', url = '', headers } = incoming
    const before = seen.filter(other => other.method === method && other.url === url).length
    seen.push({ method, url, headers })
    const loss = await decide({ method, url, headers }, before)
    const body = await buffer(incoming)
    const kept = Object.entries(headers).filter(([name]) => KEPT.has(name)) as Array<[string, string]>
    const answer = await fetch(`${target}${url}`, { method, headers: kept, ...(body.length > 0 && { body }) })
    const bytes = Buffer.from(await answer.arrayBuffer())
    if (loss === 'all') return incoming.socket.destroy()
    const code = answer.headers.get('x-holotype-error')
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      'content-length': bytes.length,
      ...(code !== null && { 'x-holotype-error': code }),
    })
    if (loss === 'nothing') return response.end(bytes)
    return response.write(bytes.subarray(0, bytes.length / 2), () => incoming.socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const KEPT = new Set(['authorization', 'content-type', 'idempotency-key'])
