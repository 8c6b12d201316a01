/** An upload over a real connection that ends when the test says so. */
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface SlowUpload {
  /** The answer; rejects when the connection breaks. */
  finished: Promise<{ status: number; body: Record<string, unknown> }>
  finish(rest: string): SlowUpload['finished']
}

/** Resolves once the server has taken the request and waits for more of its body. */
export async function startUpload(url: string, key: string | undefined, start: string): Promise<SlowUpload> {
  const headers = { authorization: `Bearer ${key}`, expect: '100-continue', 'transfer-encoding': 'chunked' }
  // Keeps its connection for the next request, and must not keep the server with it.
  const agent = new Agent({ keepAlive: true })
  const upload = request(url, { method: 'PUT', headers, agent })
  const finished = once(upload, 'response').then(async ([response]) => ({
    status: Number(response.statusCode),
    body: JSON.parse(await text(response)),
  }))
  upload.flushHeaders()
  await once(upload, 'continue')
  upload.write(start)
  return {
    finished,
    finish(rest) {
      upload.end(rest)
      return finished
    },
  }
}
