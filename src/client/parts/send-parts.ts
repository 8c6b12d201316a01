import { createHash } from 'node:crypto'
import type { Client, PartedUpload, PartOffer } from '../client.ts'
import type { Connection } from '../connection.ts'
import { ApiError } from '../errors.ts'
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
  /** Called when a part is where it has to be; the next one may wait for it. */
  onSent?: ((part: HashedPart) => Promise<void> | undefined) | undefined
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
  const declaring = { isDeclared: true }
  try {
    const whole = createHash('sha256')
    for await (const batch of listMissing(sending, hashParts(sending.source, { ...sending.upload, whole }))) {
      signal.throwIfAborted()
      for (const { part, offer } of await offerParts(sending.client, sending.draft, {
        ...sending,
        ...declaring,
        parts: batch,
      })) {
        await sending.slots.take(signal)
        const run = sendOffered({ ...sending, signal }, { part, offer, declaring }).finally(() =>
          sending.slots.release(),
        )
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

interface Offered {
  part: HashedPart
  offer: PartOffer
  /** Whether the next parts are asked for with their sha256. */
  declaring: { isDeclared: boolean }
}

async function sendOffered(sending: PartsSending, { part, offer, declaring }: Offered): Promise<void> {
  const { client, connection, draft, upload } = sending
  const askAgain = async (failure: unknown) => {
    // S3 refuses the checksum of a part where none was announced for the whole, and not every store knows them. The whole is proven all the same.
    if (isRefusedByStore(failure)) declaring.isDeclared = false
    const [again] = await offerParts(client, draft, { upload, parts: [part], ...declaring })
    return again?.offer ?? offer
  }
  await sendPart(connection, { ...sending, part, offer, askAgain })
  await sending.onSent?.(part)
}

function isRefusedByStore(failure: unknown): boolean {
  return failure instanceof ApiError && !failure.isOfRegistry && (failure.status === 400 || failure.status === 501)
}
