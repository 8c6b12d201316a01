/** A registry to be attacked through a real socket, and how long to attack it. */
import type { Parameters } from 'fast-check'
import { expect } from 'vitest'
import { exchange, type RawAnswer } from '../hostile/raw-http.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

export interface Target extends AsyncDisposable {
  registry: TestRegistry
  port: number
  /** Each request on a connection of its own, with the writer's key unless `headers` has an `authorization`. */
  send(request: RawRequest): Promise<RawAnswer>
  /** As `send`, with a JSON body; the answer's body parsed. */
  sendJson(method: string, target: string, body: unknown): Promise<{ status: number; body: ReturnType<JSON['parse']> }>
  close(): Promise<void>
}

export interface RawRequest {
  method?: string
  /** The request target as it goes over the wire, from `/v1` on. */
  target: string
  /** Sent as they are, after `host`, `connection: close` and the length of the body. */
  headers?: ReadonlyArray<readonly [name: string, value: string]>
  body?: string | Buffer
}

export async function startTarget(): Promise<Target> {
  const registry = await startRegistry()
  const port = Number(new URL(await registry.listen()).port)
  const send = async (request: RawRequest) => {
    const { answers } = await exchange(port, render(request, registry.writer.key), {
      isHead: request.method === 'HEAD',
    })
    const last = answers.at(-1)
    if (!last) throw new Error('the server closed without an answer')
    return last
  }
  return {
    registry,
    port,
    send,
    async sendJson(method, target, body) {
      const headers = [['content-type', 'application/json']] as const
      const answer = await send({ method, target, headers, body: JSON.stringify(body) })
      return { status: answer.status, body: JSON.parse(answer.body.toString()) }
    },
    close: registry.close,
    [Symbol.asyncDispose]: registry.close,
  }
}

function render({ method = 'GET', target, headers = [], body = '' }: RawRequest, key: string | undefined): Buffer {
  const bytes = Buffer.from(body)
  const hasKey = headers.some(([name]) => name.toLowerCase() === 'authorization')
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'host: registry.test',
    'connection: close',
    ...(hasKey ? [] : [`authorization: Bearer ${key}`]),
    ...(bytes.length > 0 || method === 'POST' || method === 'PUT' ? [`content-length: ${bytes.length}`] : []),
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes])
}

/** Whatever it was sent, the process is there and its database and store answer. */
export async function expectAlive({ send }: Target): Promise<void> {
  for (const target of ['/livez', '/readyz']) {
    const { status, body } = await send({ target })
    expect({ status, body: body.toString() }).toEqual({ status: 200, body: '{"status":"ok"}' })
  }
}

/**
 * The same inputs in each run, so that a failure is about the change at hand. `HOLOTYPE_FUZZ_SEED` and `HOLOTYPE_FUZZ_FACTOR` ask for
 * other inputs and for more of them.
 */
export function attempts<T>(numRuns: number): Parameters<T> {
  const { HOLOTYPE_FUZZ_SEED: seed, HOLOTYPE_FUZZ_FACTOR: factor } = process.env
  return { seed: Number(seed ?? 1758), numRuns: numRuns * Number(factor ?? 1) }
}

/** Longer than any property takes here; an exchange that hangs fails on its own long before. */
export const FUZZ_TIMEOUT_MS = 30_000 * Number(process.env['HOLOTYPE_FUZZ_FACTOR'] ?? 1)
