import type { ClientRequest } from 'node:http'
import type { PartedUpload, PartOffer } from '../client.ts'
import type { Connection } from '../connection.ts'
import { ApiError } from '../errors.ts'
import { readChunks, type Source } from '../read-chunks.ts'
import { retry } from '../retry.ts'
import { sendBody } from '../send-body.ts'
import { openRequest, readText, receiveHead, toHeaders, toRefusal } from '../transport.ts'
import { findPartTarget, type PartTarget } from './part-target.ts'

export interface PartSending {
  upload: PartedUpload
  source: Source
  part: { number: number; offset: number; size: number }
  /** How to send it: the first answer, which is used once. */
  offer: PartOffer
  /** Asks anew, after what came of the last one. */
  askAgain: (failure: unknown) => Promise<PartOffer>
  onProgress?: ((bytes: number) => void) | undefined
  signal: AbortSignal
}

/** A URL that is used up, a part that came damaged, or a header that the store does not take is worth so many further attempts with a new URL. */
const REFUSALS_MAX = 2
const REFUSALS = new Set([400, 401, 403, 501])

/** Sends one part from its place in the file. Throws an `ApiError`, a `ConnectionError`, or an `IntegrityError`. */
export async function sendPart(connection: Connection, sending: PartSending): Promise<void> {
  let refusals = 0
  let offer: PartOffer | undefined = sending.offer
  let failure: unknown
  const attempt = async (): Promise<void> => {
    // What has failed with one may be its own fault.
    const current = offer ?? (await sending.askAgain(failure))
    offer = undefined
    try {
      await sendOnce(connection, sending, current)
    } catch (error) {
      failure = error
      const mayBeUsedUp = error instanceof ApiError && REFUSALS.has(error.status) && refusals < REFUSALS_MAX
      if (!mayBeUsedUp) throw error
      refusals += 1
      await attempt()
    }
  }
  await retry(attempt, { signal: sending.signal, retryRefused: true })
}

async function sendOnce(connection: Connection, sending: PartSending, offer: PartOffer): Promise<void> {
  const { upload, source, part, onProgress, signal } = sending
  const target = findPartTarget(connection, upload, offer)
  const request = openRequest(target.place, target.url, {
    method: offer.method,
    headers: { ...target.headers, 'content-length': part.size },
    signal,
  })
  const answer = receiveAnswer(request, { target, number: part.number, signal })
  await sendBody(request, { chunks: readChunks(source, part), answer, onProgress })
}

async function receiveAnswer(
  request: ClientRequest,
  { target, number, signal }: { target: PartTarget; number: number; signal: AbortSignal },
): Promise<void> {
  const { place, url, isRegistry } = target
  const response = await receiveHead(request, place, signal)
  const status = response.statusCode ?? 0
  if (status !== 200 && isRegistry) throw await toRefusal(response, place, url)
  const text = await readText(response, place)
  if (status === 200) return
  // Its words are in XML, of which the code is enough.
  const code = /<Code>([A-Za-z]{1,60})<\/Code>/.exec(text)?.[1]
  const why = code === undefined ? `status ${status}` : `status ${status}, ${code}`
  throw new ApiError({
    status,
    code: '',
    message: `the store at ${url.host} did not take part ${number} (${why})`,
    retryAfterMs: readRetryAfter(toHeaders(response)),
    advice: 'The registry names the store, where its storage provider is set up. Can it be reached from here?',
  })
}

/** In ms; those that come as a date are passed over. */
function readRetryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after') ?? ''
  return /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined
}
