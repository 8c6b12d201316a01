import type { Client, PartedUpload } from '../client.ts'
import { ApiError } from '../errors.ts'
import { pause } from '../retry.ts'
import { type DraftAddress, getUpload } from './upload-api.ts'

const FIRST_PAUSE_MS = 50
const PAUSE_MAX_MS = 2000
/** The whole is read back, which takes no longer than this, in ms, and what a slow disk needs for each byte. */
const LIMIT_MS = 30 * 60_000
const BYTES_PER_MS = 5000

/**
 * Asks for an upload until the registry has proven its bytes, with growing pauses. Throws an `ApiError` when it has not kept them, or when that
 * takes longer than any disk.
 */
export async function awaitEnd(
  client: Client,
  { draft, upload, signal }: { draft: DraftAddress; upload: PartedUpload; signal: AbortSignal | undefined },
): Promise<PartedUpload> {
  const deadline = performance.now() + LIMIT_MS + upload.size / BYTES_PER_MS
  let now = upload
  for (let ms = FIRST_PAUSE_MS; ; ms = Math.min(ms * 1.5, PAUSE_MAX_MS)) {
    if (now.state === 'complete') return now
    if (now.state === 'failed') throw notKept(now)
    if (performance.now() > deadline) {
      const message = `the registry is still verifying "${upload.path}"; push it again later, and nothing is sent twice`
      throw new ApiError({ status: 504, code: 'UNAVAILABLE', message })
    }
    await pause(ms, signal)
    now = await getUpload(client, draft, now)
  }
}

function notKept({ path, problem }: PartedUpload): ApiError {
  const message = `the registry has not kept "${path}": ${problem ?? 'it does not say why'}; push it again`
  return new ApiError({ status: 409, code: 'CONFLICT', message })
}
