import { type Client, dataOf, type Model, type Version } from '../../client/client.ts'
import { ApiError } from '../../client/errors.ts'
import { hashFile } from '../../client/hash-file.ts'
import { createVersionDigest } from '../../domain/digest.ts'
import type { Cli } from '../context.ts'
import { PARALLEL } from '../transfer/name-file.ts'
import { forEachParallel } from '../transfer/parallel.ts'
import { showProgress } from '../transfer/progress.ts'
import type { LocalFile } from './find-files.ts'
import { sumSizes } from './sum-sizes.ts'

export type HashedFile = LocalFile & { sha256: string }

/**
 * The latest version of the model, when it has exactly these files. They are read only when their number and size agree with it, so that a
 * push of something new reads every file once.
 */
export async function findIdentical(
  cli: Cli,
  client: Client,
  { model, files }: { model: Model; files: LocalFile[] },
): Promise<{ version: Version; files: HashedFile[] } | undefined> {
  const latest = await findLatest(client, model)
  if (latest?.fileCount !== files.length || Number(latest.usageBytes) !== sumSizes(files)) return undefined
  const hashed = await hashFiles(cli, files)
  return digestOf(hashed) === latest.digest ? { version: latest, files: hashed } : undefined
}

async function findLatest(client: Client, { id }: Model): Promise<Version | undefined> {
  try {
    const params = { path: { id, version: 'latest' } }
    return await dataOf(client.GET('/v1/models/{id}/versions/{version}', { params }))
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

async function hashFiles(cli: Cli, files: LocalFile[]): Promise<HashedFile[]> {
  const hashes = new Map<string, string>()
  using progress = await showProgress(cli, 'Comparing', sumSizes(files))
  await forEachParallel(files, { limit: PARALLEL, signal: cli.signal }, async ({ path, file }, signal) => {
    hashes.set(path, await hashFile(file, { onProgress: bytes => progress.add(bytes), signal }))
  })
  return files.map(file => ({ ...file, sha256: hashes.get(file.path) ?? '' }))
}

/** What the registry will say of a version with these files. */
export function digestOf(files: ReadonlyArray<{ path: string; size: number; sha256: string }>): string {
  const digest = createVersionDigest()
  const sorted = files.map(file => ({ file, bytes: Buffer.from(file.path) }))
  sorted.sort((a, b) => Buffer.compare(a.bytes, b.bytes))
  for (const { file } of sorted) digest.add(file)
  return digest.finish()
}
