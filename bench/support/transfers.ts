/** Large bodies over plain sockets, so that the caller costs as little as can be and the server is what is measured. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'

interface Transfer {
  url: string
  headers: Record<string, string>
}

const CHUNK = randomBytes(1024 * 1024)

/** PUTs `mebibytes` MiB that were never sent before. Answers the time in ms from connecting to the end of the answer. */
export async function upload({ url, headers, mebibytes }: Transfer & { mebibytes: number }): Promise<number> {
  const start = performance.now()
  const { socket, answered } = await open('PUT', url, {
    ...headers,
    'content-length': String(mebibytes * CHUNK.length),
  })
  const first = Buffer.concat([randomBytes(16), CHUNK.subarray(16)])
  for (let sent = 0; sent < mebibytes; sent++) {
    if (!socket.write(sent === 0 ? first : CHUNK)) await Promise.race([once(socket, 'drain'), answered])
  }
  await answered
  return performance.now() - start
}

/**
 * GETs a file to its end and throws it away. Answers the time in ms. With `bytesPerSecond` it reads no faster than that, and leaves after
 * `forMs`.
 */
export async function download({
  url,
  headers,
  slowly,
}: Transfer & { slowly?: { bytesPerSecond: number; forMs: number } }): Promise<number> {
  const start = performance.now()
  const { socket, answered } = await open('GET', url, headers, slowly?.bytesPerSecond)
  if (slowly) setTimeout(() => socket.destroy(), slowly.forMs)
  await answered.catch(error => {
    if (!slowly) throw error
  })
  return performance.now() - start
}

/** `answered` settles at the end of the answer: a 200 whose whole body has come, or an error. */
async function open(method: string, url: string, headers: Record<string, string>, bytesPerSecond = Infinity) {
  const { hostname, port, pathname, host } = new URL(url)
  const answer = new AnswerReader()
  const socket: Socket = connect({
    host: hostname,
    port: Number(port),
    onread: {
      buffer: Buffer.allocUnsafe(Math.min(1024 * 1024, bytesPerSecond / 10)),
      callback(length, buffer) {
        if (answer.take(buffer.subarray(0, length))) socket.end()
        if (bytesPerSecond < Infinity) setTimeout(() => socket.resume(), 100)
        return bytesPerSecond === Infinity
      },
    },
  })
  const answered = once(socket, 'close').then(() => answer.requireComplete(`${method} ${url}`))
  answered.catch(() => {})
  await once(socket, 'connect')
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`${method} ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n`)
  return { socket, answered }
}

/** As much of HTTP as an answer with a Content-Length has. */
class AnswerReader {
  #head = ''
  #bodyLeft = Infinity

  /** @returns whether the answer is complete. */
  take(bytes: Uint8Array): boolean {
    if (this.#bodyLeft < Infinity) this.#bodyLeft -= bytes.length
    else this.#takeHead(bytes)
    return this.#bodyLeft <= 0
  }

  #takeHead(bytes: Uint8Array): void {
    const before = this.#head.length
    this.#head += Buffer.from(bytes).toString('latin1')
    const end = this.#head.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = Number(/^content-length: (\d+)\r$/im.exec(this.#head)?.[1])
    this.#bodyLeft = length - (bytes.length - (end + 4 - before))
    this.#head = this.#head.slice(0, end)
  }

  requireComplete(what: string): void {
    const [status = 'no answer'] = this.#head.split('\r\n')
    if (!status.includes(' 200 ') || this.#bodyLeft !== 0) {
      throw new Error(`${what}: ${status}, ${this.#bodyLeft} bytes of the body missing`)
    }
  }
}
