/** A reverse proxy that serves a registry below a path and nothing beside it, with or without the path in what it passes on. */
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface BasePathProxy extends AsyncDisposable {
  /** `http://127.0.0.1:<port><path>` */
  url: string
  /** Where requests go from now on: `http://127.0.0.1:<port>`. */
  target: string
  /** The paths that were asked for and are not below the path. */
  strays: string[]
}

export async function startBasePathProxy(path: string, { strips }: { strips: boolean }): Promise<BasePathProxy> {
  const strays: string[] = []
  const server = createServer((incoming, response) => {
    const { method = 'GET', headers, url = '' } = incoming
    if (!url.startsWith(`${path}/`)) {
      strays.push(url)
      return void response.writeHead(404).end('not below the path')
    }
    const passedOn = strips ? url.slice(path.length) : url
    const outgoing = request(`${proxy.target}${passedOn}`, { method, headers }, answer => {
      response.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(response)
    })
    outgoing.on('error', () => response.destroy())
    incoming.pipe(outgoing)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: BasePathProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    target: '',
    strays,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}
