/**
 * What this machine knows of a push that was interrupted: the draft it was filling. Kept in a file of the user, by registry, model, folder
 * and key, and not in the draft itself, where anybody in the team could plant it. Another machine, whose folder of the same path may hold
 * something else, never goes on with it by itself.
 */
import { createHash } from 'node:crypto'
import { readFile, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connection, Version } from '../../client/client.ts'
import type { PartNotes } from '../../client/parts/part-notes.ts'
import { type FileLock, tryLock } from '../file-lock.ts'
import { findOwnFolder } from '../homes.ts'
import type { Io } from '../io.ts'
import { makeDirectories } from '../make-directories.ts'
import { replaceFile } from '../replace-file.ts'
import { openPartNotes } from './part-notes.ts'

/** Enough to know the draft again, also after the registry was brought back from a backup and gives out its numbers anew. */
export type DraftMark = Pick<Version, 'version' | 'dtCreated'>

export interface UnfinishedPush extends AsyncDisposable {
  /** What an earlier push has left; undefined when there was none, or when one is under way in this moment. */
  readonly mark: DraftMark | undefined
  /** Of the parts that were sent into it; undefined where nothing can be kept. */
  readonly notes: PartNotes | undefined
  /** Resolves to whether it is kept: optional state is no reason to fail. */
  remember(draft: DraftMark): Promise<boolean>
  forget(): Promise<void>
}

/** Held until it is disposed of: a second push of the same folder meanwhile makes a draft of its own. */
export async function openUnfinishedPush(
  env: Io['env'],
  push: { connection: Connection; modelId: string; source: string },
): Promise<UnfinishedPush> {
  try {
    const home = findOwnFolder(env, 'state')
    if (home === undefined) return UNKNOWN
    const folder = join(home, 'pushes')
    await makeDirectories(folder, 0o700)
    const file = join(folder, `${await nameOf(push)}.json`)
    const lock = await tryLock(`${file}.lock`)
    return lock ? await withFile(file, lock) : UNKNOWN
  } catch {
    return UNKNOWN
  }
}

const UNKNOWN: UnfinishedPush = {
  mark: undefined,
  notes: undefined,
  remember: async () => false,
  async forget() {},
  async [Symbol.asyncDispose]() {},
}

async function withFile(file: string, lock: FileLock): Promise<UnfinishedPush> {
  const notes = await openPartNotes(`${file}.parts`)
  return {
    notes,
    mark: parseMark(await readFile(file, 'utf8').catch(() => '')),
    remember: async ({ version, dtCreated }) => {
      await notes.forget()
      const content = `${JSON.stringify({ version, dtCreated })}\n`
      return await replaceFile(file, content).then(
        () => true,
        () => false,
      )
    },
    async forget() {
      await notes.forget()
      await rm(file, { force: true }).catch(() => {})
    },
    [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
  }
}

function parseMark(text: string): DraftMark | undefined {
  try {
    const { version, dtCreated } = JSON.parse(text)
    return /^[1-9]\d{0,14}$/.test(version) && typeof dtCreated === 'string' ? { version, dtCreated } : undefined
  } catch {
    return undefined
  }
}

/** A key stands for who pushes; only the public part of it is used. */
async function nameOf({ connection, modelId, source }: { connection: Connection; modelId: string; source: string }) {
  const keyId = /^ht_([^_]+)_/.exec(connection.key ?? '')?.[1] ?? ''
  const parts = [connection.url, modelId, await realpath(source), keyId]
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32)
}
