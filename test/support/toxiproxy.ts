/** toxiproxy between a client and a server: it cuts, resets, slows and stops connections, at the level of bytes. */
import { spawn } from 'node:child_process'
import { findFreePort } from './free-port.ts'
import { end, findProgram, waitForPort } from './versitygw.ts'

export const NO_TOXIPROXY =
  'no toxiproxy-server on this machine: go install github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0, and name the program with HOLOTYPE_TOXIPROXY'

export interface Toxic {
  type: 'reset_peer' | 'limit_data' | 'latency' | 'bandwidth' | 'timeout'
  /** The way of the bytes: to the server, or to the client. */
  stream: 'upstream' | 'downstream'
  attributes: Record<string, number>
}

export interface Toxiproxy extends AsyncDisposable {
  /** Where the server is reached through it. */
  endpoint: string
  poison(toxic: Toxic): Promise<void>
  /** Takes all toxics away. */
  heal(): Promise<void>
  /** Whether anything listens there. */
  enable(enabled: boolean): Promise<void>
}

export function findToxiproxy(): string | undefined {
  return findProgram('toxiproxy-server', 'HOLOTYPE_TOXIPROXY')
}

export async function startToxiproxy(upstream: string): Promise<Toxiproxy> {
  const program = findToxiproxy()
  if (program === undefined) throw new Error(NO_TOXIPROXY)
  const [port, proxyPort] = [await findFreePort(), await findFreePort()]
  const server = spawn(program, ['-host', '127.0.0.1', '-port', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] })
  const kill = () => server.kill('SIGKILL')
  // However this process ends, the proxy ends with it.
  process.once('exit', kill)
  await waitForPort(port, server)
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`toxiproxy: ${await response.text()}`)
  }
  await call('POST', '/proxies', {
    name: 's3',
    listen: `127.0.0.1:${proxyPort}`,
    upstream: new URL(upstream).host,
    enabled: true,
  })
  return {
    endpoint: `http://127.0.0.1:${proxyPort}`,
    poison: toxic => call('POST', '/proxies/s3/toxics', toxic),
    heal: () => call('POST', '/reset'),
    enable: enabled => call('POST', '/proxies/s3', { enabled }),
    async [Symbol.asyncDispose]() {
      process.off('exit', kill)
      await end(server)
    },
  }
}
