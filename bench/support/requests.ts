import autocannon from 'autocannon'

export interface RequestLoad {
  url: string
  connections: number
  seconds: number
  headers: Record<string, string>
  method?: 'GET' | 'POST'
  /** Instead of the URL's own: each request takes one of them at random. */
  paths?: string[]
  /** `[<id>]` in it is something else in each request. */
  body?: string
}

/** Sends the same request over and over. Throws unless every answer is a 2xx: a server must not win by refusing. */
export async function sendRequests(load: RequestLoad): Promise<{ count: number; perSecond: number; p99Ms: number }> {
  const { url, connections, seconds, headers, method = 'GET', body, paths } = load
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    headers,
    method,
    ...(body && { body, idReplacement: true }),
    ...(paths && { requests: [{ setupRequest: request => ({ ...request, path: pickOne(paths) }) }] }),
  })
  if (result.errors > 0 || result.non2xx > 0 || result['2xx'] === 0) {
    throw new Error(`${result.errors} requests failed and ${result.non2xx} were refused at ${method} ${url}`)
  }
  return { count: result['2xx'], perSecond: result['2xx'] / result.duration, p99Ms: result.latency.p99 }
}

function pickOne(paths: string[]): string {
  return paths[Math.floor(Math.random() * paths.length)] ?? '/'
}
