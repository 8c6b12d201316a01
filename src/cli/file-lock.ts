/**
 * A lock between the processes of one machine: SQLite's own file lock, which the operating system drops with the process, however it ends.
 * So there is never a stale one to clear away.
 */
import { open, rm, stat } from 'node:fs/promises'
import { pause } from '../client/retry.ts'

const LOOK_AGAIN_MS = 100
/** Shorter waits than some 2 s are not worth a word. */
const TELL_AFTER = 20

export interface FileLock extends AsyncDisposable {
  /** Gives the lock back and removes its file. May be called twice. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Undefined when another process holds it. The folder of `file` must exist. */
export async function tryLock(file: string): Promise<FileLock | undefined> {
  const { DatabaseSync } = await import('node:sqlite')
  for (;;) {
    await (await open(file, 'a', 0o666)).close()
    const before = await findInode(file)
    const database = new DatabaseSync(file, { timeout: 0 })
    try {
      database.exec('BEGIN EXCLUSIVE')
    } catch (error) {
      database.close()
      if (isBusy(error)) return undefined
      throw error
    }
    // The holder before us removes the file: a lock on one that has no name any more keeps nobody out.
    if (before !== undefined && (await findInode(file)) === before) return toLock(file, () => database.close())
    database.close()
  }
}

/** Rejects with the signal's reason when that comes first. `onWait` is called once, when it has to wait for long. */
export async function waitForLock(
  file: string,
  { signal, onWait }: { signal: AbortSignal; onWait?: () => void },
): Promise<FileLock> {
  for (let attempt = 0; ; attempt += 1) {
    const lock = await tryLock(file)
    if (lock) return lock
    if (attempt === TELL_AFTER) onWait?.()
    await pause(LOOK_AGAIN_MS, signal)
  }
}

function toLock(file: string, close: () => void): FileLock {
  let isHeld = true
  return {
    async [Symbol.asyncDispose]() {
      if (!isHeld) return
      isHeld = false
      await rm(file, { force: true }).catch(() => {})
      close()
    },
  }
}

async function findInode(file: string): Promise<bigint | undefined> {
  const info = await stat(file, { bigint: true }).catch(() => undefined)
  return info?.ino
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5
}
