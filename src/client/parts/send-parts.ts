import { createHash } from 'node:crypto'
import type { Client, PartedUpload, PartOffer } from '../client.ts'
import type { Connection } from '../connection.ts'
import type { Source } from '../read-chunks.ts'
import type { Slots } from '../slots.ts'
import { type HashedPart, hashParts } from './hash-parts.ts'
import { sendPart } from './send-part.ts'
import { type DraftAddress, offerParts } from './upload-api.ts'

export interface PartsSending {
  client: Client
  connection: Connection
  draft: DraftAddress
  upload: PartedUpload
  source: Source
  /** The sha256 of each part that is there already, by its number. */
  received: ReadonlyMap<number, string>
  /** For the parts of all files. */
  slots: Slots
  onProgress?: ((bytes: number) => void) | undefined
  signal: AbortSignal
}

/** Parts are asked for together, up to so many or so many bytes: little enough to be still in memory when they are sent after they were hashed. */
const BATCH_PARTS = 8
const BATCH_BYTES = 128 * 1024 * 1024

/**
 * Sends the parts that are not there, several at once, while the file is hashed a little ahead of them. The first failure stops the others.
 * @returns the sha256 of the whole file in lower-case hex.
 */
export async function sendParts(sending: PartsSending): Promise<string> {
  const failed = new AbortController()
  const signal = AbortSignal.any([sending.signal, failed.signal])
  const running: Promise<void>[] = []
  try {
    const whole = createHash('sha256')
    for await (const batch of listMissing(sending, hashParts(sending.source, { ...sending.upload, whole }))) {
      signal.throwIfAborted()
      for (const { part, offer } of await offerParts(sending.client, sending.draft, { ...sending, parts: batch })) {
        await sending.slots.take(signal)
        const run = sendOffered({ ...sending, signal }, part, offer).finally(() => sending.slots.release())
        run.catch(error => failed.abort(error))
        running.push(run)
      }
    }
    await Promise.all(running)
    return whole.digest('hex')
  } catch (error) {
    failed.abort(error)
    await Promise.allSettled(running)
    throw signal.reason
  }
}

/** In batches. What is there with the same bytes is passed over; what is there with others is sent again. */
async function* listMissing(
  { upload, received, onProgress }: PartsSending,
  parts: AsyncIterable<HashedPart>,
): AsyncGenerator<HashedPart[]> {
  let batch: HashedPart[] = []
  for await (const part of parts) {
    if (received.get(part.number) === part.sha256) {
      onProgress?.(part.size)
      continue
    }
    batch.push(part)
    if (batch.length < BATCH_PARTS && batch.length * upload.partSize < BATCH_BYTES) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

async function sendOffered(sending: PartsSending, part: HashedPart, offer: PartOffer): Promise<void> {
  const { client, connection, draft, upload } = sending
  const askAgain = async () => {
    const [again] = await offerParts(client, draft, { upload, parts: [part] })
    return again?.offer ?? offer
  }
  await sendPart(connection, { ...sending, part, offer, askAgain })
}
