import { type Client, dataOf } from '../../client/client.ts'
import { hashFile } from '../../client/hash-file.ts'
import { type ListedFile, listAllFiles } from '../../client/list-files.ts'
import { uploadFile } from '../../client/upload-file.ts'
import type { Cli } from '../context.ts'
import { listSome } from '../show.ts'
import { nameFile, PARALLEL } from '../transfer/name-file.ts'
import { forEachParallel } from '../transfer/parallel.ts'
import { showProgress } from '../transfer/progress.ts'
import type { LocalFile } from './find-files.ts'
import type { PushDraft } from './open-draft.ts'
import { sumSizes } from './sum-sizes.ts'

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
  const there = draft.origin === 'new' ? new Map<string, ListedFile>() : await findSentFiles(client, address)
  const others = findOthers(there, files)
  if (draft.origin === 'left') await takeOut(cli, client, { address, files: others.splice(0) })
  if (others.length > 0) cli.say(`The draft also has what is not here: ${listSome(others.map(file => file.path))}`)
  const results = new Map<string, SentFile>()
  using progress = await showProgress(cli, 'Pushing', sumSizes(files))
  await forEachParallel(files, { limit: PARALLEL, signal: cli.signal }, async (local, signal) => {
    const { path, file, size } = local
    const known = there.get(path)
    const onProgress = (bytes: number) => progress.add(bytes)
    if (known?.size === size && (await hashFile(file, { onProgress, signal })) === known.sha256) {
      results.set(path, { path, size, sha256: known.sha256, status: 'kept' })
      return
    }
    if (known?.size === size) onProgress(-size)
    const stored = await nameFile(path, signal, uploadFile(connection, { ...address, path, file, onProgress, signal }))
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
