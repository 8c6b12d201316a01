/** An HTTP door in front of an S3 server, ours or a real one, that lets chosen requests fail as stores fail. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, request as sendRequest } from 'node:http'
import { buffer } from 'node:stream/consumers'

export interface S3Request {
  method: string
  /** As it came, with the query. */
  url: string
  /** The key without the bucket; empty for requests about the bucket. */
  key: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface S3Answer {
  status: number
  headers?: Record<string, string>
  body?: Buffer | string
}

/**
 * What happens instead of the right answer. `refuse`: this answer, and nothing is done. `lose`: it is done, but the connection ends without an
 * answer. `replace`: it is done, and this is answered. `cut`: it is done, and of the answer's body only so many bytes come, although more are announced.
 * `stall`: the same, but the connection stays. `hang`: nothing is done and no answer comes.
 */
export type S3Fault =
  | { kind: 'refuse' | 'replace'; answer: S3Answer }
  | { kind: 'lose' }
  | { kind: 'hang' }
  | { kind: 'cut' | 'stall'; bytes: number }

export type S3Backend = (request: S3Request) => S3Answer | Promise<S3Answer>

export interface S3Door extends AsyncDisposable {
  endpoint: string
  /** Asked for each request; undefined lets it through. */
  fault: (request: S3Request) => S3Fault | undefined
  /** Every request so far, as `PUT blobs/bl…?partNumber`: with the names of the query's words, without their values. */
  log: string[]
  close(): Promise<void>
}

/** An error as S3 says it. */
export function s3Error(status: number, code: string, message = `the store says ${code}`): S3Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`
  return { status, headers: { 'content-type': 'application/xml' }, body }
}

export async function openS3Door(backend: S3Backend): Promise<S3Door> {
  const server = createServer(async (req, res) => {
    const request = await readRequest(req.method ?? '', req.url ?? '', req.headers, req)
    if (!request) return
    door.log.push(describe(request))
    const fault = door.fault(request)
    if (fault?.kind === 'hang') return
    const answer =
      fault?.kind === 'refuse' ? fault.answer : await Promise.resolve(backend(request)).catch(() => undefined)
    if (!answer) return void res.destroy()
    if (fault?.kind === 'lose') return void res.destroy()
    const { status, headers = {}, body = '' } = fault?.kind === 'replace' ? fault.answer : answer
    const length = request.method === 'HEAD' ? (headers['content-length'] ?? '0') : String(Buffer.byteLength(body))
    res.writeHead(status, { ...headers, 'content-length': length })
    if (fault?.kind !== 'cut' && fault?.kind !== 'stall')
      return void res.end(request.method === 'HEAD' ? undefined : body)
    res.write(Buffer.from(body).subarray(0, fault.bytes), () => void (fault.kind === 'cut' && res.destroy()))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the door has no port')
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  const door: S3Door = {
    endpoint: `http://127.0.0.1:${address.port}`,
    fault: () => undefined,
    log: [],
    close,
    [Symbol.asyncDispose]: close,
  }
  return door
}

/** A backend that hands everything to a real server. The signature holds, since the host's name is passed on as it came. */
export function forwardTo(endpoint: string): S3Backend {
  const { hostname, port } = new URL(endpoint)
  return async ({ method, url, headers, body }) => {
    const request = sendRequest({ hostname, port, method, path: url, headers, agent: false })
    // A server that has answered before it read the body resets the connection afterwards.
    request.on('error', () => {})
    request.end(body)
    const [response] = await once(request, 'response')
    return { status: response.statusCode, headers: response.headers, body: await buffer(response) }
  }
}

async function readRequest(method: string, url: string, headers: IncomingHttpHeaders, stream: NodeJS.ReadableStream) {
  const { pathname, searchParams } = new URL(url, 'http://door')
  const key = decodeURIComponent(pathname).split('/').slice(2).join('/')
  try {
    return { method, url, key, query: searchParams, headers, body: await buffer(stream) }
  } catch {
    // The client has gone in the middle of its request.
    return undefined
  }
}

function describe({ method, key, query }: S3Request): string {
  const words = [...query.keys()].filter(word => word !== 'x-id').sort()
  return `${method} ${key}${words.length > 0 ? `?${words.join('&')}` : ''}`
}
