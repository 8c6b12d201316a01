import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** Where a system lacks one of them, it has no such trap either. */
const { O_NONBLOCK = 0, O_NOFOLLOW = 0, O_RDONLY } = constants

/**
 * Opens a file to read it. A pipe or a device is refused with the code `ENOTFILE`, and never waited for: opening a pipe that nobody writes to
 * would take for ever, and nothing ends that.
 */
export async function openPlainFile(file: string, { followLink = true } = {}): Promise<FileHandle> {
  const handle = await open(file, O_RDONLY | O_NONBLOCK | (followLink ? 0 : O_NOFOLLOW))
  const info = await handle.stat()
  if (info.isFile()) return handle
  await handle.close()
  throw Object.assign(new Error(`${file} is not a plain file`), { code: 'ENOTFILE', path: file, syscall: 'open' })
}
