import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PARTIAL_PREFIX } from '../../client/download-file.ts'
import { hashFile } from '../../client/hash-file.ts'
import { openPlainFile } from '../../client/open-plain-file.ts'

const CHUNK_BYTES = 1024 * 1024

interface Copy {
  from: string
  /** Replaced in one step. Its folder must exist. */
  to: string
  sha256: string
  onProgress?: ((bytes: number) => void) | undefined
  signal: AbortSignal
}

/**
 * Copies a file, and puts the copy in place only when its bytes are right: the copy itself is hashed, so it does not matter who can write
 * to the original. Never a hard link: then a change of the one would be a change of the other. Resolves to whether they were right.
 */
export async function copyVerified({ from, to, sha256, onProgress, signal }: Copy): Promise<boolean> {
  const temp = join(dirname(to), `${PARTIAL_PREFIX}${randomBytes(12).toString('hex')}`)
  try {
    const isCloned = await clone(from, temp)
    const found = isCloned
      ? await hashFile(temp, { onProgress, signal })
      : await copyHashing({ from, to: temp, onProgress, signal })
    if (found !== sha256) return false
    await rename(temp, to)
    return true
  } finally {
    await rm(temp, { force: true })
  }
}

/** Where the file system can, both share their blocks until one of them is changed. */
async function clone(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL)
    return true
  } catch {
    await rm(to, { force: true })
    return false
  }
}

async function copyHashing({ from, to, onProgress, signal }: Omit<Copy, 'sha256'>): Promise<string> {
  const hash = createHash('sha256')
  await using source = await openPlainFile(from, { followLink: false })
  await using target = await open(to, 'wx')
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  for (;;) {
    signal.throwIfAborted()
    const { bytesRead } = await source.read(buffer, 0, CHUNK_BYTES, null)
    if (bytesRead === 0) break
    const chunk = buffer.subarray(0, bytesRead)
    hash.update(chunk)
    await target.writeFile(chunk)
    onProgress?.(bytesRead)
  }
  await target.sync()
  return hash.digest('hex')
}
