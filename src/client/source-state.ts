import type { FileHandle } from 'node:fs/promises'

/** By which a change of a file shows. */
export interface SourceState {
  /** In bytes. */
  size: number
  mtimeMs: number
}

/** Whether an open file is no longer as it was. */
export async function hasChanged(handle: FileHandle, before: SourceState): Promise<boolean> {
  const after = await handle.stat()
  return after.size !== before.size || after.mtimeMs !== before.mtimeMs || (await hasMore(handle, before.size))
}

/** What files of the system's own, such as those in /proc, do not say of themselves. */
async function hasMore(handle: FileHandle, position: number): Promise<boolean> {
  return (await handle.read(Buffer.allocUnsafe(1), 0, 1, position)).bytesRead > 0
}
