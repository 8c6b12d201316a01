/** The least that a Node server can do: `node:http` alone, with an answer that is ready, or with a file. */
import { once } from 'node:events'
import { createReadStream, statSync } from 'node:fs'
import { createServer, type OutgoingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cpuUsage } from 'node:process'
import { pipeline } from 'node:stream'
import { answerQuestions } from '../support/channel.ts'

const answers = {
  serveText: ({ headers, body }: { headers: OutgoingHttpHeaders; body: string }) =>
    serve((_request, response) => {
      response.writeHead(200, headers).end(body)
    }),
  serveFile: ({ file }: { file: string }) =>
    serve((_request, response) => {
      response.writeHead(200, { 'content-length': statSync(file).size, 'content-type': 'application/octet-stream' })
      pipeline(createReadStream(file), response, () => {})
    }),
  cpuMs() {
    const { user, system } = cpuUsage()
    return (user + system) / 1000
  },
}

async function serve(listener: RequestListener): Promise<{ url: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

export type BareAnswers = typeof answers
answerQuestions(answers)
