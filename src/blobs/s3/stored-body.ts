/** The bytes of an answer, so that neither a short one nor one that stands still looks like a complete one. */
import { Readable } from 'node:stream'
import { StoreUnavailableError } from '../blob-store.ts'
import { toStoreError } from './s3-errors.ts'

/** As a read from a local disk begins. */
const WAITING_BYTES = 64 * 1024

/**
 * Passes exactly `length` bytes on. Fewer or more are an error, and so is a store that sends nothing for `idleMs` while somebody waits for it: a
 * slow reader may take as long as it likes. The body is destroyed with the stream.
 */
export function storedBody(body: Readable, { length, idleMs }: { length: number; idleMs: number }): Readable {
  let missing = length
  let timer: NodeJS.Timeout | undefined
  const stopWaiting = () => clearTimeout(timer)
  const fail = (message: string) => stream.destroy(new StoreUnavailableError(new Error(message)))

  const stream = new Readable({
    highWaterMark: WAITING_BYTES,
    read() {
      stopWaiting()
      timer = setTimeout(
        fail,
        idleMs,
        `the store has sent nothing for ${idleMs} ms, with ${missing} bytes still to come`,
      )
      body.resume()
    },
    destroy(error, done) {
      stopWaiting()
      body.destroy()
      done(error)
    },
  })

  body.on('data', (chunk: Buffer) => {
    stopWaiting()
    missing -= chunk.length
    if (missing < 0) return fail(`the store has sent more than the ${length} bytes that it was asked for`)
    if (!stream.push(chunk)) body.pause()
  })
  body.on('end', () => {
    stopWaiting()
    if (missing > 0) fail(`the store has ended its answer ${missing} bytes before the end`)
    else stream.push(null)
  })
  body.on('error', error => stream.destroy(toStoreError(error)))
  body.on('close', () => {
    if (!body.readableEnded) fail(`the connection was cut, with ${missing} bytes still to come`)
  })
  body.pause()
  return stream
}
