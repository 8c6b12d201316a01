/** Streams bytes into an answer and reuses buffers: once the socket has sent a chunk, the next read fills the same memory. */
import { once } from 'node:events'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FileBytes } from '../registry/files/read-file.ts'
import { breakOff } from './break-off.ts'

/** Waits until the first bytes are there. Throws what reading them throws, while an error can still be an answer of its own. */
export async function untilReadable({ stream }: FileBytes): Promise<void> {
  await once(stream, 'readable')
}

/** Sends the status and the headers that `reply` has. The framework would put a length of 0 into the answer to a HEAD. */
export function sendHead(reply: FastifyReply): FastifyReply {
  writeHead(reply).end()
  return reply
}

/** Sends the status and the headers that `reply` has, then the bytes. When they fail, the answer breaks off before its end. */
export async function sendBytes(bytes: FileBytes, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const response = writeHead(reply)
  try {
    await pipeline(bytes.stream, createResponseSink(response, bytes))
  } catch (error) {
    if (!(error instanceof ClientLeftError)) request.log.warn({ err: error, req: request }, 'a download broke off')
  }
  return reply
}

function writeHead(reply: FastifyReply): ServerResponse {
  reply.hijack()
  return reply.raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders)
}

/** Accepts the next chunk only when the socket has sent the last one, so that a slow client holds few in memory. */
function createResponseSink(response: ServerResponse, { recycle }: FileBytes): Writable {
  const sink = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      response.write(chunk, error => {
        if (error) return done(new ClientLeftError(error))
        recycle?.(chunk)
        done()
      })
    },
    final(done) {
      response.end(done)
    },
    destroy(error, done) {
      if (error) breakOff(response)
      done(error)
    },
  })
  response.once('close', () => sink.destroy(new ClientLeftError()))
  return sink
}

/** Not a failure of ours: nothing to log. */
class ClientLeftError extends Error {
  override readonly name = 'ClientLeftError'
  constructor(cause?: unknown) {
    super('the client left before the end', { cause })
  }
}
