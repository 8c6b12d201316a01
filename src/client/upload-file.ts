import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import type { FileHandle } from 'node:fs/promises'
import type { ClientRequest } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { createClient, type StoredFile } from './client.ts'
import type { Connection } from './connection.ts'
import { IntegrityError } from './errors.ts'
import { openPlainFile } from './open-plain-file.ts'
import { pause, retry } from './retry.ts'
import { readJson } from './send-json.ts'
import { type FileAddress, fileUrl, openRequest, readText, receiveHead, toRefusal } from './transport.ts'

const CHUNK_BYTES = 1024 * 1024
/** From this size on, the registry is asked whether it will take the bytes before they are sent. */
const ASK_FIRST_BYTES = 1024 * 1024
/** A proxy may never pass the question on; after this long, in ms, the bytes are sent all the same. */
const ASK_MS = 1000
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
  const handle = await openPlainFile(upload.file)
  try {
    const before = await handle.stat()
    const { stored, sha256 } = await retry(() => sendOnce(connection, upload, { handle, size: before.size }), {
      signal: upload.signal,
      retryRefused: true,
    })
    const after = await handle.stat()
    if (stored.sha256 !== sha256) {
      await takeBack(connection, upload)
      throw new IntegrityError(`"${upload.path}" arrived with the sha256 ${stored.sha256}, but ${sha256} was sent`)
    }
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs || (await hasMore(handle, before.size))) {
      await takeBack(connection, upload)
      throw changedMeanwhile(upload.file)
    }
    return stored
  } finally {
    await handle.close()
  }
}

/** What files of the system's own, such as those in /proc, do not say of themselves. */
async function hasMore(handle: FileHandle, position: number): Promise<boolean> {
  return (await handle.read(Buffer.allocUnsafe(1), 0, 1, position)).bytesRead > 0
}

interface Source {
  handle: FileHandle
  /** In bytes. */
  size: number
}

async function sendOnce(
  connection: Connection,
  upload: Upload,
  source: Source,
): Promise<{ stored: StoredFile; sha256: string }> {
  const asksFirst = source.size >= ASK_FIRST_BYTES
  const target = fileUrl(connection, upload)
  const request = openRequest(connection, target, {
    method: 'PUT',
    signal: upload.signal,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': source.size,
      ...(asksFirst && { expect: '100-continue' }),
    },
  })
  const answer = receiveAnswer(connection, { request, target, signal: upload.signal })
  // A refusal that comes while bytes still go out says more than the broken pipe that follows it, so the answer decides, not the sending.
  answer.catch(() => {})
  const meter: Meter = { hash: createHash('sha256'), bytes: 0, localError: undefined }
  try {
    if (asksFirst) await untilWelcome(request, answer)
    const sending = sendBody(request, upload, source, meter)
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

/** Rejects with the refusal, when there is one. */
async function untilWelcome(request: ClientRequest, answer: Promise<unknown>): Promise<void> {
  request.flushHeaders()
  const stop = new AbortController()
  const { signal } = stop
  try {
    await Promise.race([answer, once(request, 'continue', { signal }), pause(ASK_MS, signal)])
  } finally {
    stop.abort()
  }
}

async function receiveAnswer(
  connection: Connection,
  { request, target, signal }: { request: ClientRequest; target: URL; signal: AbortSignal | undefined },
): Promise<StoredFile> {
  const response = await receiveHead(request, connection, signal)
  const status = response.statusCode ?? 0
  if (status !== 200) throw await toRefusal(response, connection, target)
  // It has been compared with the contract, from which the type is made.
  return (await readJson(await readText(response, connection), PUT_FILE, status)) as StoredFile
}

const PUT_FILE = { method: 'PUT', template: '/v1/models/{id}/versions/{version}/files/{path}' }

/** What goes out is counted and hashed, and what goes wrong on this side is kept apart from what the network does. */
interface Meter {
  hash: Hash
  bytes: number
  localError: unknown
}

async function sendBody(request: ClientRequest, upload: Upload, source: Source, meter: Meter): Promise<void> {
  await pipeline(readMetered(upload, source, meter), request)
  request.setTimeout(ANSWER_MS)
}

/** Not a stream of the handle: ending one, even early, would close the handle, and the next attempt needs it. */
async function* readMetered({ file, onProgress }: Upload, { handle, size }: Source, meter: Meter) {
  const read = (position: number) => {
    const length = Math.min(CHUNK_BYTES, size - position)
    const reading = handle.read(Buffer.allocUnsafe(length), 0, length, position)
    // It is awaited later, or never when the transfer ends before.
    reading.catch(() => {})
    return reading
  }
  try {
    let next = read(0)
    while (meter.bytes < size) {
      const { bytesRead, buffer } = await next
      if (bytesRead === 0) throw changedMeanwhile(file)
      next = read(meter.bytes + bytesRead)
      const chunk = buffer.subarray(0, bytesRead)
      meter.hash.update(chunk)
      meter.bytes += bytesRead
      onProgress?.(bytesRead)
      yield chunk
    }
  } catch (error) {
    meter.localError = error
    throw error
  }
}

function changedMeanwhile(file: string): IntegrityError {
  return new IntegrityError(`"${file}" was changed while it was being sent`)
}

/** As well as it goes: why the file has to go says more than what may go wrong now. */
async function takeBack(
  { url, key, proxies }: Connection,
  { modelId: id, version, path, signal }: Upload,
): Promise<void> {
  const params = { path: { id, version, path } }
  await createClient({ url, key, proxies, signal })
    .DELETE('/v1/models/{id}/versions/{version}/files/{path}', { params })
    .catch(() => {})
}
