/** Stands between a registry and PostgreSQL, and cuts a connection at its commit. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** `before`: the commit does not reach the server. `after`: it does, and its answer does not come back. */
export type Cut = 'before' | 'after'

export interface CuttingProxy extends AsyncDisposable {
  /** The URL of the same database through the proxy. */
  url: string
  /** Cuts at one commit: the first from now on of a transaction with such a statement, or after letting so many pass. Resolves when it is done. */
  cutCommit(cut: Cut, statement: string, letPass?: number): Promise<void>
}

const COMMIT = Buffer.from('commit\0')
/** The server's answer to it. */
const COMMITTED = Buffer.from('COMMIT\0')

export async function startCuttingProxy(databaseUrl: string): Promise<CuttingProxy> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let next: { cut: Cut; statement: string; letPass: number; done: () => void } | undefined

  /** For one connection: looks at what is sent on it. */
  function createWatch(): (chunk: Buffer) => Cut | undefined {
    let transaction = ''
    return chunk => {
      const text = chunk.toString('latin1')
      const begin = text.lastIndexOf('begin isolation level')
      transaction = begin < 0 ? transaction + text : text.slice(begin)
      if (!next || !chunk.includes(COMMIT)) return undefined
      if (!transaction.includes(next.statement) || next.letPass-- > 0) return undefined
      const { cut, done } = next
      next = undefined
      done()
      return cut
    }
  }

  const server = createServer(client => {
    const upstream = connect(Number(target.port), target.hostname)
    const takeCut = createWatch()
    let isCut = false
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', end)
      socket.on('end', end)
    }
    client.on('data', (chunk: Buffer) => {
      const cut = takeCut(chunk)
      if (cut === 'before') return end()
      isCut ||= cut === 'after'
      upstream.write(chunk)
    })
    upstream.on('data', (chunk: Buffer) => {
      if (!isCut) client.write(chunk)
      // What comes first may be the answers to the statements that were sent together with the commit.
      else if (chunk.includes(COMMITTED)) end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const url = new URL(databaseUrl)
  url.port = String(address.port)
  return {
    url: url.href,
    cutCommit: (cut, statement, letPass = 0) =>
      new Promise(done => {
        next = { cut, statement, letPass, done }
      }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
