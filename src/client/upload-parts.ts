/** Large files go in parts: several at once, and after any interruption only those that are missing. */
import { type Client, createClient, type PartedUpload } from './client.ts'
import type { Connection } from './connection.ts'
import { ApiError, IntegrityError } from './errors.ts'
import { hashFile } from './hash-file.ts'
import { openPlainFile } from './open-plain-file.ts'
import { awaitEnd } from './parts/await-end.ts'
import { chooseUpload } from './parts/choose-upload.ts'
import type { PartNotes } from './parts/part-notes.ts'
import { sendParts } from './parts/send-parts.ts'
import { completeUpload, listReceivedParts, type WantedPart } from './parts/upload-api.ts'
import { changedMeanwhile, type Source } from './read-chunks.ts'
import type { Slots } from './slots.ts'
import { hasChanged } from './source-state.ts'
import { takeBack } from './take-back.ts'
import { type Upload, uploadFile } from './upload-file.ts'

/** Files above this size, in bytes, are sent in parts. */
export const PARTS_ABOVE_BYTES = 32 * 1024 * 1024

export interface LargeUpload extends Upload {
  /** In lower-case hex, where it is known already. */
  sha256?: string | undefined
  /** The uploads of this path in the draft that have not come to their end. Those that do not fit are given up. */
  left: readonly PartedUpload[]
  /** For the parts of all files that are sent at once. */
  slots: Slots
  /** For stores that do not say what they have of each part. */
  notes?: PartNotes | undefined
  signal: AbortSignal
}

interface Sent {
  /** In bytes. */
  size: number
  /** In lower-case hex. */
  sha256: string
}

/**
 * Sends a local file into a draft in parts, in constant memory, and resolves when the registry has proven the whole. Throws as `uploadFile` does,
 * which takes its place where the file has to go in one piece. What fails on the way leaves an upload to go on with.
 */
export async function uploadInParts(connection: Connection, upload: LargeUpload): Promise<Sent> {
  const handle = await openPlainFile(upload.file)
  try {
    const before = await handle.stat()
    const source = { file: upload.file, handle, size: before.size }
    const client = createClient({ ...connection, signal: upload.signal })
    const proven = await findProven(client, upload, source)
    if (proven) return proven
    const begun = await chooseUpload(client, { ...upload, ...source, draft: upload })
    if (!begun) return await uploadFile(connection, upload)
    const sha256 = await sendMissing(connection, client, { upload, begun, source }).catch(async error => {
      if (error instanceof ApiError && (await hasChanged(handle, before))) throw changedMeanwhile(upload.file)
      throw error
    })
    if (await hasChanged(handle, before)) throw changedMeanwhile(upload.file)
    const ended = await finish(client, upload, begun)
    if (ended.sha256 !== sha256) {
      await takeBack(connection, upload)
      throw new IntegrityError(`"${upload.path}" arrived with the sha256 ${ended.sha256}, but ${sha256} was sent`)
    }
    return { size: source.size, sha256 }
  } finally {
    await handle.close()
  }
}

/** An earlier try may have sent everything, and only not waited for the end. */
async function findProven(client: Client, upload: LargeUpload, { size }: Source): Promise<Sent | undefined> {
  const { file, left, onProgress, signal } = upload
  const verifying = left.find(other => other.state === 'verifying' && other.size === size)
  if (!verifying) return undefined
  const sha256 = upload.sha256 ?? (await hashFile(file, { signal }))
  const ended = await awaitEnd(client, { draft: upload, upload: verifying, signal }).catch(error => {
    if (error instanceof ApiError && error.status === 409) return undefined
    throw error
  })
  if (ended?.sha256 !== sha256) return undefined
  onProgress?.(size)
  return { size, sha256 }
}

async function sendMissing(
  connection: Connection,
  client: Client,
  { upload, begun, source }: { upload: LargeUpload; begun: PartedUpload; source: Source },
): Promise<string> {
  const { slots, notes, onProgress, signal } = upload
  const isNew = !upload.left.some(({ id }) => id === begun.id)
  const received = isNew ? new Map<number, string>() : await listReceivedParts(client, upload, begun, notes)
  const onSent = ({ number, sha256 }: WantedPart) => notes?.add(begun.id, number, sha256)
  const to = { client, connection, draft: upload, upload: begun }
  return await sendParts({ ...to, source, received, slots, onSent, onProgress, signal })
}

async function finish(client: Client, upload: LargeUpload, begun: PartedUpload): Promise<PartedUpload> {
  const completed = await completeUpload(client, upload, begun)
  return await awaitEnd(client, { draft: upload, upload: completed, signal: upload.signal })
}
