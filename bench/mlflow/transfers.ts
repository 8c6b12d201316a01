/** A large file to a registry and back. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as sendRequest } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Contender } from './contender.ts'

export const MEBIBYTES = 256
const MIB = 2 ** 20
const CHUNK = randomBytes(MIB)
/** Of no byte in either direction. */
const IDLE_MS = 60_000

/** Sends a file that never was there before and gets it back. Answers both rates in MiB/s. */
export async function transfer(contender: Contender, name: string): Promise<{ put: number; get: number }> {
  const first = Buffer.concat([randomBytes(16), CHUNK.subarray(16)])
  const rate = (ms: number) => (1000 * MEBIBYTES) / ms
  return { put: rate(await put(contender, name, first)), get: rate(await get(contender, name, first)) }
}

/** The same, not timed: every byte must come back. */
export async function proveTransfer(contender: Contender, name: string): Promise<void> {
  const first = randomBytes(MIB)
  await put(contender, name, first)
  const sent = createHash('sha256')
  for (const chunk of chunksOf(first)) sent.update(chunk)
  const received = createHash('sha256')
  await get(contender, name, first, chunk => received.update(chunk))
  if (sent.digest('hex') !== received.digest('hex')) throw new Error(`${contender.title} gives back other bytes`)
}

function chunksOf(first: Buffer): Buffer[] {
  return [first, ...new Array<Buffer>(MEBIBYTES - 1).fill(CHUNK)]
}

async function put({ origin, headers, filePath }: Contender, name: string, first: Buffer): Promise<number> {
  const start = performance.now()
  const request = sendRequest(origin + filePath(name), {
    method: 'PUT',
    agent: false,
    headers: { ...headers, 'content-type': 'application/octet-stream', 'content-length': MEBIBYTES * MIB },
  })
  request.setTimeout(IDLE_MS, () => request.destroy(new Error(`PUT ${filePath(name)} stands still`)))
  const answered = once(request, 'response')
  answered.catch(() => {})
  for (const chunk of chunksOf(first)) {
    if (!request.write(chunk)) await Promise.race([once(request, 'drain'), answered])
  }
  request.end()
  const [response] = await answered
  let text = ''
  for await (const chunk of response) text += chunk
  if (response.statusCode !== 200) throw new Error(`PUT ${filePath(name)}: ${response.statusCode} ${text}`)
  return performance.now() - start
}

/** The first bytes and the length must be those of the file. Answers the time in ms. */
async function get(
  { origin, headers, filePath }: Contender,
  ...[name, first, take]: [name: string, first: Buffer, take?: (chunk: Buffer) => void]
): Promise<number> {
  const start = performance.now()
  const request = sendRequest(origin + filePath(name), { agent: false, headers })
  request.setTimeout(IDLE_MS, () => request.destroy(new Error(`GET ${filePath(name)} stands still`)))
  request.end()
  const [response] = await once(request, 'response')
  let length = 0
  let head = Buffer.alloc(0)
  response.on('data', (chunk: Buffer) => {
    if (head.length < 16) head = Buffer.concat([head, chunk.subarray(0, 16)])
    length += chunk.length
    take?.(chunk)
  })
  await once(response, 'end')
  const ms = performance.now() - start
  const isWhole = response.statusCode === 200 && length === MEBIBYTES * MIB
  if (!isWhole || !head.subarray(0, 16).equals(first.subarray(0, 16))) {
    throw new Error(`GET ${filePath(name)}: ${response.statusCode} with ${length} bytes, not what was sent`)
  }
  return ms
}
