/** What differs between two versions: their files, and what was said about them. */
import { isDeepStrictEqual } from 'node:util'
import type { Client, StoredFile, Version } from '../client/client.ts'
import { listAllFiles } from '../client/list-files.ts'

type FileFacts = Pick<StoredFile, 'size' | 'sha256'>
export type NamedFile = FileFacts & { path: string }

export interface FileChanges {
  added: NamedFile[]
  removed: NamedFile[]
  changed: Array<{ path: string; from: FileFacts; to: FileFacts }>
  /** How many are the same in both. */
  same: number
}

/** Each is sorted by path. */
export async function compareFiles(client: Client, from: Version, to: Version): Promise<FileChanges> {
  // The digest names the whole content, so equal ones need no look.
  if (from.digest !== null && from.digest === to.digest) {
    return { added: [], removed: [], changed: [], same: to.fileCount }
  }
  const changes: FileChanges = { added: [], removed: [], changed: [], same: 0 }
  const before = new Map<string, FileFacts>()
  for await (const { path, size, sha256 } of listAllFiles(client, from)) before.set(path, { size, sha256 })
  for await (const { path, size, sha256 } of listAllFiles(client, to)) {
    const old = before.get(path)
    before.delete(path)
    if (!old) changes.added.push({ path, size, sha256 })
    else if (old.sha256 === sha256) changes.same += 1
    else changes.changed.push({ path, from: old, to: { size, sha256 } })
  }
  for (const [path, facts] of before) changes.removed.push({ path, ...facts })
  return changes
}

export interface NoteChanges {
  /** Null when it is the same. */
  message: { from: string | null; to: string | null } | null
  tags: { added: string[]; removed: string[] }
  metadata: Array<{ key: string; from?: unknown; to?: unknown }>
}

export function compareNotes(from: Version, to: Version): NoteChanges {
  const before: Record<string, unknown> = { ...from.metadata }
  const after: Record<string, unknown> = { ...to.metadata }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return {
    message: from.message === to.message ? null : { from: from.message, to: to.message },
    tags: {
      added: to.tags.filter(tag => !from.tags.includes(tag)),
      removed: from.tags.filter(tag => !to.tags.includes(tag)),
    },
    metadata: keys
      .filter(
        key => Object.hasOwn(before, key) !== Object.hasOwn(after, key) || !isDeepStrictEqual(before[key], after[key]),
      )
      .map(key => ({
        key,
        ...(Object.hasOwn(before, key) && { from: before[key] }),
        ...(Object.hasOwn(after, key) && { to: after[key] }),
      })),
  }
}
