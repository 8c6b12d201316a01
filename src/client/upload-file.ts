import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import type { ClientRequest } from 'node:http'
import type { StoredFile } from './client.ts'
import type { Connection } from './connection.ts'
import { IntegrityError } from './errors.ts'
import { openPlainFile } from './open-plain-file.ts'
import { changedMeanwhile, readChunks, type Source } from './read-chunks.ts'
import { pause, retry } from './retry.ts'
import { sendBody } from './send-body.ts'
import { readJson } from './send-json.ts'
import { hasChanged } from './source-state.ts'
import { takeBack } from './take-back.ts'
import { type FileAddress, fileUrl, openRequest, readText, receiveHead, toRefusal } from './transport.ts'

/** From this size on, the registry is asked whether it will take the bytes before they are sent. */
const ASK_FIRST_BYTES = 1024 * 1024
/** A proxy may never pass the question on; after this long, in ms, the bytes are sent all the same. */
const ASK_MS = 1000

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
    const source = { file: upload.file, handle, size: before.size }
    const { stored, sha256 } = await retry(() => sendOnce(connection, upload, source), {
      signal: upload.signal,
      retryRefused: true,
    })
    if (stored.sha256 !== sha256) {
      await takeBack(connection, upload)
      throw new IntegrityError(`"${upload.path}" arrived with the sha256 ${stored.sha256}, but ${sha256} was sent`)
    }
    if (await hasChanged(handle, before)) {
      await takeBack(connection, upload)
      throw changedMeanwhile(upload.file)
    }
    return stored
  } finally {
    await handle.close()
  }
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
  const hash = createHash('sha256')
  const stored = await sendBody(request, {
    chunks: readHashed(source, hash),
    answer,
    welcome: asksFirst ? untilWelcome(request, answer) : undefined,
    onProgress: upload.onProgress,
  })
  return { stored, sha256: hash.digest('hex') }
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

async function* readHashed(source: Source, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of readChunks(source, { offset: 0, size: source.size })) {
    hash.update(chunk)
    yield chunk
  }
}
