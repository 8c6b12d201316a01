/** Streams bytes into an answer over as little memory as can be: a chunk that the socket has taken is read into again. */
import { once } from 'node:events'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FileBytes } from '../registry/files/get-file.ts'

/** Waits until the first bytes are there. Throws what reading them throws, while an error can still be an answer of its own. */
export async function untilReadable({ stream }: FileBytes): Promise<void> {
  await once(stream, 'readable')
}

/** Sends the status and the headers that `reply` has, then the bytes. When they fail, the answer breaks off before its end. */
export async function sendBytes(bytes: FileBytes, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  reply.hijack()
  reply.raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders)
  try {
    await pipeline(bytes.stream, takerOf(reply.raw, bytes))
  } catch (error) {
    if (!(error instanceof ReaderLeftError)) request.log.warn({ err: error, req: request }, 'a download broke off')
  }
  return reply
}

/** Takes the next chunk only when the socket has the last one, so that a slow reader holds few. */
function takerOf(response: ServerResponse, { recycle }: FileBytes): Writable {
  const taker = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      response.write(chunk, error => {
        if (error) return done(new ReaderLeftError(error))
        recycle(chunk)
        done()
      })
    },
    final(done) {
      response.end(done)
    },
    destroy(error, done) {
      if (error) response.destroy()
      done(error)
    },
  })
  response.once('close', () => taker.destroy(new ReaderLeftError()))
  return taker
}

/** Not a failure of ours: nothing to log. */
class ReaderLeftError extends Error {
  override readonly name = 'ReaderLeftError'
  constructor(cause?: unknown) {
    super('the reader left before the end', { cause })
  }
}
