/** The least that a Node server can do: `node:http` alone, with an answer that is ready, a file that is sent, or one that is received. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer, type OutgoingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cpuUsage } from 'node:process'
import { pipeline, type Readable } from 'node:stream'
import { answerQuestions } from '../support/channel.ts'

const answers = {
  serveText: ({ headers, body }: { headers: OutgoingHttpHeaders; body: string }) =>
    serve((_request, response) => {
      response.writeHead(200, headers).end(body)
    }),
  serveFile: ({ file }: { file: string }) =>
    serve((_request, response) => {
      response.writeHead(200, { 'content-length': statSync(file).size, 'content-type': 'application/octet-stream' })
      pipeline(createReadStream(file, { highWaterMark: PIECE_BYTES }), response, () => {})
    }),
  receiveFile: ({ file }: { file: string }) =>
    serve((request, response) => {
      receive(request, file).then(
        sha256 => response.writeHead(200, { 'content-length': sha256.length }).end(sha256),
        error => response.destroy(error),
      )
    }),
  cpuMs() {
    const { user, system } = cpuUsage()
    return (user + system) / 1000
  },
}

/** Large reads: with the 64 KiB that are usual a pipeline is half as fast. */
const PIECE_BYTES = 512 * 1024
const BATCH_BYTES = 1024 * 1024

/** Hashes a body, writes it and makes it durable, with one copy, one update of the hash and one write for each MiB. */
async function receive(body: Readable, path: string): Promise<string> {
  await using file = await open(path, 'w')
  const hash = createHash('sha256')
  const batch = Buffer.allocUnsafe(BATCH_BYTES)
  let filled = 0
  const write = async () => {
    const full = batch.subarray(0, filled)
    filled = 0
    hash.update(full)
    await file.write(full)
  }
  for await (const chunk of body as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; ) {
      const copied = chunk.copy(batch, filled, at)
      at += copied
      filled += copied
      if (filled === BATCH_BYTES) await write()
    }
  }
  await write()
  await file.sync()
  return hash.digest('hex')
}

async function serve(listener: RequestListener): Promise<{ url: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

export type BareAnswers = typeof answers
answerQuestions(answers)
