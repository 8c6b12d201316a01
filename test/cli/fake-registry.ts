/** A server that answers as a registry would, but may lie about what it has. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeFile {
  path: string
  /** What is sent for it. */
  bytes: string | Buffer
  /** What is said of it; the truth when left out. */
  sha256?: string
  size?: number
}

type Handler = (request: IncomingMessage, response: ServerResponse) => boolean | undefined

export interface FakeRegistry extends AsyncDisposable {
  url: string
}

const MODEL = { id: 'mofake000000000', name: 'fake', isPublic: false }
const VERSION = { version: '1', modelId: MODEL.id, isCommitted: true, message: null, tags: [] }

export const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')

/** Has one model, `fake`, with these files in its version 1. `handle` may answer a request first, and then returns true. */
export async function startFakeRegistry(files: FakeFile[], handle: Handler = () => false): Promise<FakeRegistry> {
  const listed = files.map(({ path, bytes, ...said }) => ({ path, size: bytes.length, sha256: sha256(bytes), ...said }))
  const page = (items: unknown[]) => ({ hasMore: false, items, nextPage: null })
  const versionPath = `/v1/models/${MODEL.id}/versions/1`
  const answers: Record<string, unknown> = {
    '/v1/models?name=fake&ownsName=true': page([MODEL]),
    [`/v1/models/${MODEL.id}/versions/latest`]: { ...VERSION, fileCount: files.length },
    [versionPath]: { ...VERSION, fileCount: files.length },
    [`${versionPath}/files?limit=120`]: page(listed),
  }
  const server = createServer((request, response) => {
    if (handle(request, response)) return
    const answer = answers[request.url ?? '']
    if (answer) return sendJson(response, 200, answer)
    const file = files.find(({ path }) => request.url === `${versionPath}/files/${encodeURI(path)}`)
    if (file) return void response.writeHead(200, { etag: `"${sha256(file.bytes)}"` }).end(file.bytes)
    sendJson(response, 404, { code: 'NOT_FOUND', message: 'there is nothing' })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
