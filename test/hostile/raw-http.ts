/** HTTP by hand: sends exactly the bytes a test names, also those no client library would send, and reads what comes back. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  status: number
  /** Names in lower case; of a header sent twice the last one. */
  headers: Record<string, string>
  body: Buffer
}

export interface Exchange {
  /** In the order they came. */
  answers: RawAnswer[]
  /** Whether the server ended the connection. */
  closed: boolean
}

export interface ExchangeOptions {
  /** Stop reading after so many answers; without it, when the server closes. */
  answers?: number
  /** In ms: a connection that is still open then makes the exchange fail, unless `answers` is 0. */
  timeoutMs?: number
  /** The answers are to HEAD: whatever length they announce, no body follows. */
  isHead?: boolean
}

/** Sends bytes to a loopback port, and gathers the answers. Fails when they don't come in time. */
export async function exchange(port: number, bytes: string | Buffer, options: ExchangeOptions = {}): Promise<Exchange> {
  await using connection = await open(port)
  connection.send(bytes)
  return await connection.read(options)
}

export interface RawConnection extends AsyncDisposable {
  socket: Socket
  /** Text is sent as Latin-1, so that each character is one byte. */
  send(bytes: string | Buffer): void
  read(options?: ExchangeOptions): Promise<Exchange>
  close(): Promise<void>
}

export async function open(port: number): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1' })
  const received: Buffer[] = []
  let closed = false
  socket.on('data', chunk => received.push(chunk))
  socket.on('close', () => {
    closed = true
  })
  // The server may end a connection while it is still written to; what has come by then counts.
  socket.on('error', () => {})
  await once(socket, 'connect')
  const close = async () => {
    if (closed) return
    socket.destroy()
    await once(socket, 'close')
  }
  return {
    socket,
    send: bytes => void socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    async read({ answers: wanted = Number.POSITIVE_INFINITY, timeoutMs = 10_000, isHead = false } = {}) {
      const parsed = () => parseAnswers(Buffer.concat(received), isHead)
      const isDone = () => closed || (Number.isFinite(wanted) && parsed().length >= wanted)
      const deadline = AbortSignal.timeout(timeoutMs)
      while (!isDone()) {
        if (deadline.aborted) throw new Error(`no complete answer within ${timeoutMs} ms; so far ${show(received)}`)
        await firstEvent(socket, deadline)
      }
      return { answers: parsed(), closed }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function firstEvent(socket: Socket, signal: AbortSignal): Promise<void> {
  await new Promise<void>(resolve => {
    const done = () => {
      socket.off('data', done).off('close', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    socket.on('data', done).on('close', done)
    signal.addEventListener('abort', done)
  })
}

function show(received: Buffer[]): string {
  return JSON.stringify(Buffer.concat(received).toString('latin1').slice(0, 300))
}

/** The complete answers at the beginning of `bytes`. Throws when it begins with something that is no HTTP answer. */
export function parseAnswers(bytes: Buffer, isHead = false): RawAnswer[] {
  const answers: RawAnswer[] = []
  let rest = bytes
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n')
    if (end === -1) break
    const [statusLine = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n')
    const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(statusLine)?.[1])
    if (Number.isNaN(status)) throw new Error(`this is no HTTP answer: ${show([rest])}`)
    const headers = Object.fromEntries(lines.map(line => [line.split(':', 1)[0]?.toLowerCase(), takeValue(line)]))
    const hasBody = !isHead && status >= 200 && status !== 204 && status !== 304
    const found = hasBody ? takeBody(rest.subarray(end + 4), headers) : { body: Buffer.alloc(0), length: 0 }
    if (!found) break
    answers.push({ status, headers, body: found.body })
    rest = rest.subarray(end + 4 + found.length)
  }
  return answers
}

function takeValue(line: string): string {
  return line.slice(line.indexOf(':') + 1).trim()
}

/** The body and how many bytes it takes on the wire, or undefined while it is not all there. */
function takeBody(bytes: Buffer, headers: Record<string, string>): { body: Buffer; length: number } | undefined {
  if (headers['transfer-encoding'] === 'chunked') return takeChunks(bytes)
  const length = Number(headers['content-length'] ?? 0)
  return bytes.length < length ? undefined : { body: bytes.subarray(0, length), length }
}

function takeChunks(bytes: Buffer): { body: Buffer; length: number } | undefined {
  const chunks: Buffer[] = []
  let at = 0
  while (true) {
    const end = bytes.indexOf('\r\n', at)
    if (end === -1) return undefined
    const size = Number.parseInt(bytes.subarray(at, end).toString('latin1'), 16)
    at = end + 2 + size + 2
    if (bytes.length < at) return undefined
    if (size === 0) return { body: Buffer.concat(chunks), length: at }
    chunks.push(bytes.subarray(end + 2, end + 2 + size))
  }
}
