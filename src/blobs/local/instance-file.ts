/** The file that says whose bytes a local store holds. Once it is there it never changes. */

import { requireInstanceId } from '../blob-id.ts'
import { OtherInstanceError } from '../blob-store.ts'
import { hasCode } from '../make-directory.ts'
import type { Layout } from './layout.ts'
import { type LocalDisk, syncNames } from './local-disk.ts'
import { createFile, openToRead, throwStoreError, toStoreError, unlinkIfPresent } from './local-files.ts'

/** Longer than any id, so that a foreign file of any size is refused after one short read. In bytes. */
const MOST = 64

/** @returns undefined when there is no file. Throws when it holds anything else than an id. */
export async function readInstanceFile({ instance }: Layout): Promise<string | undefined> {
  const file = await openToRead(instance).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined
    throw toStoreError(error)
  })
  if (!file) return undefined
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MOST), 0, MOST, 0)
    return requireInstanceId(buffer.toString('latin1', 0, bytesRead).trim())
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new Error(`${instance} does not hold the id of a registry; restore it from a backup`, { cause: error })
  } finally {
    await file.close()
  }
}

/** Throws `OtherInstanceError` when the file holds another id. */
export async function writeInstanceFile(paths: Layout, disk: LocalDisk, id: string): Promise<void> {
  requireInstanceId(id)
  if ((await readInstanceFile(paths)) === undefined) await linkInstanceFile(paths, disk, id)
  const found = await readInstanceFile(paths)
  if (found !== id) throw new OtherInstanceError(id, String(found))
  // Also when the file was there: the process that made it may have been killed before this step.
  await syncNames(disk, paths.blobs).catch(throwStoreError)
}

/** Leaves the file as it is when another process has made it first. */
async function linkInstanceFile(paths: Layout, disk: LocalDisk, id: string): Promise<void> {
  const temporaryPath = paths.newInstance()
  const file = await createFile(temporaryPath)
  try {
    await disk.write(file, [Buffer.from(`${id}\n`)])
    await disk.sync(file)
    await disk.link(temporaryPath, paths.instance)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw toStoreError(error)
  } finally {
    await file.close()
    await unlinkIfPresent(temporaryPath)
  }
}
