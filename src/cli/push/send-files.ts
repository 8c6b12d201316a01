import { type Client, dataOf } from '../../client/client.ts'
import { hashFile } from '../../client/hash-file.ts'
import { type ListedFile, listAllFiles } from '../../client/list-files.ts'
import { giveUpUploads } from '../../client/parts/upload-api.ts'
import { Slots } from '../../client/slots.ts'
import { uploadFile } from '../../client/upload-file.ts'
import { PARTS_ABOVE_BYTES, uploadInParts } from '../../client/upload-parts.ts'
import type { Cli } from '../context.ts'
import { listSome } from '../show.ts'
import { nameFile, PARALLEL } from '../transfer/name-file.ts'
import { forEachParallel } from '../transfer/parallel.ts'
import { showProgress } from '../transfer/progress.ts'
import type { LocalFile } from './find-files.ts'
import type { PushDraft } from './open-draft.ts'
import { sumSizes } from './sum-sizes.ts'
import { takeUpUploads } from './take-up-uploads.ts'

export type SentFile = ListedFile & { status: 'uploaded' | 'kept' }

export interface Sent {
  files: SentFile[]
  /** What the draft has beside them. */
  others: ListedFile[]
}

/** Brings the draft to have the files. What it has beside them stays when the user named it, and goes when it was left by an earlier push. */
export async function sendFiles(
  cli: Cli,
  client: Client,
  { draft, files }: { draft: PushDraft; files: LocalFile[] },
): Promise<Sent> {
  const connection = await cli.connection()
  const { modelId, version } = draft.version
  const address = { modelId, version }
  // First, as those that come to their end meanwhile are then among the files.
  const uploads = await takeUpUploads(client, draft, files)
  const there = draft.origin === 'new' ? new Map<string, ListedFile>() : await findSentFiles(client, address)
  const others = findOthers(there, files)
  if (draft.origin === 'left') await takeOut(cli, client, { address, files: others.splice(0) })
  if (others.length > 0) cli.say(`The draft also has what is not here: ${listSome(others.map(file => file.path))}`)
  const slots = new Slots(PARALLEL)
  const results = new Map<string, SentFile>()
  using progress = await showProgress(cli, 'Pushing', sumSizes(files), { atEnd: 'Verifying' })
  await forEachParallel(files, { limit: PARALLEL, signal: cli.signal }, async (local, signal) => {
    const { path, file, size } = local
    const known = there.get(path)
    const left = uploads.get(path) ?? []
    const onProgress = (bytes: number) => progress.add(bytes)
    const sha256 = known?.size === size ? await hashFile(file, { onProgress, signal }) : undefined
    if (sha256 !== undefined && sha256 === known?.sha256) {
      await giveUpUploads(client, address, left)
      results.set(path, { path, size, sha256, status: 'kept' })
      return
    }
    if (sha256 !== undefined) onProgress(-size)
    const upload = { ...address, path, file, sha256, left, slots, notes: draft.notes, onProgress, signal }
    const sending = size > PARTS_ABOVE_BYTES ? uploadInParts(connection, upload) : uploadFile(connection, upload)
    const stored = await nameFile(path, signal, sending)
    results.set(path, { path, size: stored.size, sha256: stored.sha256, status: 'uploaded' })
  })
  return { files: files.flatMap(({ path }) => results.get(path) ?? []), others }
}

async function findSentFiles(client: Client, address: { modelId: string; version: string }) {
  const files = new Map<string, ListedFile>()
  for await (const file of listAllFiles(client, address)) files.set(file.path, file)
  return files
}

function findOthers(there: Map<string, ListedFile>, files: LocalFile[]): ListedFile[] {
  const here = new Set(files.map(file => file.path))
  return [...there.values()].filter(file => !here.has(file.path))
}

/** Before anything is sent: a file may now be where a folder was. */
async function takeOut(
  cli: Cli,
  client: Client,
  { address, files }: { address: { modelId: string; version: string }; files: ListedFile[] },
): Promise<void> {
  if (files.length === 0) return
  cli.say(`Taking out of the draft what is no longer here: ${listSome(files.map(file => file.path))}`)
  await forEachParallel(files, { limit: PARALLEL, signal: cli.signal }, async ({ path }) => {
    const params = { path: { id: address.modelId, version: address.version, path } }
    await dataOf(client.DELETE('/v1/models/{id}/versions/{version}/files/{path}', { params }))
  })
}
