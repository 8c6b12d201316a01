import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import type { ClientRequest } from 'node:http'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Connection, createClient, type StoredFile } from './client.ts'
import { IntegrityError } from './errors.ts'
import { pause, retry } from './retry.ts'
import { type FileAddress, openFileRequest, readText, receiveHead, toRefusal } from './transport.ts'

const CHUNK_BYTES = 1024 * 1024
/** How long a second attempt waits for a refusal before it sends bytes again, in ms. */
const REFUSAL_MS = 500
/** Once everything is sent, the registry may need this long, in ms, to bring it onto its disk. */
const ANSWER_MS = 10 * 60_000

export interface Upload extends FileAddress {
  /** The local file. */
  file: string
  /** Called with the number of bytes sent since the last call; negative when they have to be sent again. */
  onProgress?: (bytes: number) => void
  signal?: AbortSignal
}

/**
 * Sends a local file into a draft in one pass, in constant memory: it is hashed on the way, and the registry's sha256 has to be the same.
 * When it isn't, the file is taken out of the draft again and an `IntegrityError` thrown. A file that changes meanwhile is refused too.
 */
export async function uploadFile(connection: Connection, upload: Upload): Promise<StoredFile> {
  const handle = await open(upload.file)
  try {
    const before = await handle.stat()
    const { stored, sha256 } = await retry(
      failures => sendOnce(connection, upload, { handle, size: before.size, isRepeat: failures > 0 }),
      { signal: upload.signal, retryRefused: true },
    )
    const after = await handle.stat()
    if (stored.sha256 !== sha256) {
      await takeBack(connection, upload)
      throw new IntegrityError(`"${upload.path}" arrived with the sha256 ${stored.sha256}, but ${sha256} was sent`)
    }
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
      await takeBack(connection, upload)
      throw changedMeanwhile(upload.file)
    }
    return stored
  } finally {
    await handle.close()
  }
}

interface Source {
  handle: FileHandle
  /** In bytes. */
  size: number
  isRepeat: boolean
}

async function sendOnce(
  connection: Connection,
  upload: Upload,
  source: Source,
): Promise<{ stored: StoredFile; sha256: string }> {
  const request = openFileRequest(connection, {
    ...upload,
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', 'content-length': source.size },
  })
  const answer = receiveAnswer(connection, request, upload.signal)
  // A refusal that comes while bytes still go out says more than the broken pipe that follows it, so the answer decides, not the sending.
  answer.catch(() => {})
  const meter = createMeter(upload, source.size)
  try {
    if (source.isRepeat) await Promise.race([answer, pause(REFUSAL_MS, upload.signal)])
    const sending = sendBody(request, source, meter)
    sending.catch(() => {})
    const stored = await answer
    await sending
    return { stored, sha256: meter.hash.digest('hex') }
  } catch (error) {
    request.destroy()
    upload.onProgress?.(-meter.bytes)
    throw meter.localError ?? error
  }
}

async function receiveAnswer(
  connection: Connection,
  request: ClientRequest,
  signal?: AbortSignal,
): Promise<StoredFile> {
  const response = await receiveHead(request, connection, signal)
  if (response.statusCode !== 200) throw await toRefusal(response, connection)
  return JSON.parse(await readText(response, connection))
}

/** Counts and hashes what goes out, and keeps what goes wrong on this side apart from what the network does. */
interface Meter {
  hash: Hash
  bytes: number
  localError: unknown
  stream: Transform
}

function createMeter({ file, onProgress }: Upload, size: number): Meter {
  const hash = createHash('sha256')
  const stream = new Transform({
    highWaterMark: CHUNK_BYTES,
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      meter.bytes += chunk.length
      onProgress?.(chunk.length)
      done(null, chunk)
    },
    flush(done) {
      if (meter.bytes < size) meter.localError = changedMeanwhile(file)
      done(meter.localError as Error | undefined)
    },
  })
  const meter: Meter = { hash, bytes: 0, localError: undefined, stream }
  return meter
}

async function sendBody(request: ClientRequest, { handle, size }: Source, meter: Meter): Promise<void> {
  if (size === 0) return void request.end()
  const bytes = handle.createReadStream({ start: 0, end: size - 1, autoClose: false, highWaterMark: CHUNK_BYTES })
  bytes.once('error', error => {
    meter.localError ??= error
  })
  await pipeline(bytes, meter.stream, request)
  request.setTimeout(ANSWER_MS)
}

function changedMeanwhile(file: string): IntegrityError {
  return new IntegrityError(`"${file}" was changed while it was being sent`)
}

async function takeBack(connection: Connection, { modelId: id, version, path }: Upload): Promise<void> {
  await createClient(connection).DELETE('/v1/models/{id}/versions/{version}/files/{path}', {
    params: { path: { id, version, path } },
  })
}
