/** Speaks to the killed and restarted server over real connections. */

/** The server went away before it answered. */
export class Unanswered extends Error {}

export interface Client {
  /** Sends JSON or bytes and answers the JSON of a 200. Throws `Unanswered`; any other answer is a failure of the campaign. */
  write(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object | Buffer): Promise<Record<string, unknown>>
  read<T>(path: string): Promise<T>
  /** Undefined for a 404. */
  find<T>(path: string): Promise<T | undefined>
  /** All items of a paged list. */
  list<T>(path: string): Promise<T[]>
  download(path: string): Promise<Buffer>
}

export function createClient(url: string, key: string): Client {
  async function send(
    method: string,
    path: string,
    body?: object | Buffer,
  ): Promise<{ status: number; bytes: Buffer }> {
    const isJson = body !== undefined && !Buffer.isBuffer(body)
    const headers = { authorization: `Bearer ${key}`, ...(isJson && { 'content-type': 'application/json' }) }
    const payload = isJson ? JSON.stringify(body) : (body as Buffer<ArrayBuffer> | undefined)
    try {
      const answer = await fetch(`${url}/v1${path}`, {
        method,
        headers,
        ...(payload !== undefined && { body: payload }),
      })
      return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) }
    } catch (error) {
      throw new Unanswered(`${method} ${path}`, { cause: error })
    }
  }
  async function get(path: string): Promise<Buffer> {
    const { status, bytes } = await send('GET', path)
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${bytes.subarray(0, 500)}`)
    return bytes
  }
  return {
    async write(method, path, body) {
      const { status, bytes } = await send(method, path, body)
      if (status !== 200) throw new Error(`${method} ${path} answered ${status}: ${bytes.subarray(0, 500)}`)
      return JSON.parse(bytes.toString())
    },
    async read(path) {
      return JSON.parse((await get(path)).toString())
    },
    async find(path) {
      const { status, bytes } = await send('GET', path)
      if (status === 404) return undefined
      if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${bytes.subarray(0, 500)}`)
      return JSON.parse(bytes.toString())
    },
    async list<T>(path: string) {
      const items: T[] = []
      let after = ''
      for (let page = 0; page < 1000; page += 1) {
        const body = JSON.parse((await get(`${path}?limit=100${after}`)).toString())
        items.push(...body.items)
        if (!body.hasMore) return items
        after = `&after=${encodeURIComponent(body.nextPage)}`
      }
      throw new Error(`${path} does not end`)
    },
    download: get,
  }
}
