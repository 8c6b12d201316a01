import type { ClientRequest } from 'node:http'
import { pipeline } from 'node:stream/promises'

/** Once everything is sent, the other side may need this long, in ms, to bring it onto its disk. */
const ANSWER_MS = 10 * 60_000

export interface Body<T> {
  chunks: AsyncIterable<Buffer>
  /** Rejects with the refusal, when there is one. */
  answer: Promise<T>
  /** Nothing is sent before it resolves. */
  welcome?: Promise<void> | undefined
  /** Called with the number of bytes sent since the last call; negative when they have to be sent again. */
  onProgress?: ((bytes: number) => void) | undefined
}

/** Sends the body of a request. Resolves to its answer when everything is sent. What goes wrong with the chunks says more than what it does to the request. */
export async function sendBody<T>(
  request: ClientRequest,
  { chunks, answer, welcome, onProgress }: Body<T>,
): Promise<T> {
  // A refusal that comes while bytes still go out says more than the broken pipe that follows it, so the answer decides, not the sending.
  answer.catch(() => {})
  let sent = 0
  let localError: unknown
  async function* meter() {
    try {
      for await (const chunk of chunks) {
        sent += chunk.length
        onProgress?.(chunk.length)
        yield chunk
      }
    } catch (error) {
      localError = error
      throw error
    }
  }
  try {
    await welcome
    const sending = pipeline(meter(), request).then(() => request.setTimeout(ANSWER_MS))
    sending.catch(() => {})
    const result = await answer
    await sending
    return result
  } catch (error) {
    request.destroy()
    onProgress?.(-sent)
    throw localError ?? error
  }
}
