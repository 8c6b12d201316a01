/** Whether a directory holds anything that a local store did not make. */
import type { Dirent } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { isShardName, isTemporaryName, layout, readPublishedName } from './layout.ts'

/**
 * @returns the path of something in the `blobs` or `tmp` below `root` that is not the store's; undefined when there is nothing of the kind.
 * A link is never the store's. Rejects with the file system's error.
 */
export async function findForeignIn(root: string, name: 'blobs' | 'tmp'): Promise<string | undefined> {
  const { blobs, tmp } = layout(root)
  if (name === 'tmp') return await findOther(tmp, entry => entry.isFile() && isTemporaryName(entry.name))
  for await (const entry of await opendir(blobs)) {
    if (entry.isFile() && entry.name === 'instance') continue
    const shard = join(blobs, entry.name)
    if (!entry.isDirectory() || !isShardName(entry.name)) return shard
    const foreign = await findOther(shard, ({ name }) => readPublishedName(name, entry.name) !== undefined)
    if (foreign !== undefined) return foreign
  }
  return undefined
}

async function findOther(directory: string, isOwn: (entry: Dirent) => boolean): Promise<string | undefined> {
  for await (const entry of await opendir(directory)) {
    if (!entry.isFile() || !isOwn(entry)) return join(directory, entry.name)
  }
  return undefined
}
