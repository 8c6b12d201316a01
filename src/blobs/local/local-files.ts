/** Opening, finding and removing single files, with failures in the words of every store. Nothing here is recursive or follows a link. */
import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, opendir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type StoredBlob, StoreFullError, StoreUnavailableError } from '../blob-store.ts'
import { hasCode } from '../make-directory.ts'

/** Want of descriptors or memory, and access that is denied: another try may succeed, with or without the help of the machine's owner. */
const PASSING = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EACCES', 'EROFS']

/** A failure of the file system in the words of every store. What none of them has words for passes unchanged. */
export function toStoreError(error: unknown): Error {
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) return new StoreFullError(error)
  if (hasCode(error, ...PASSING)) return new StoreUnavailableError(error)
  return error instanceof Error ? error : new Error('the local store failed', { cause: error })
}

/** For `catch`: throws the failure as `toStoreError` has it. */
export function throwStoreError(error: unknown): never {
  throw toStoreError(error)
}

/** Makes a file of mode 0600 and opens it for writing. Rejects when there is anything at the path. */
export function createFile(path: string): Promise<FileHandle> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  return open(path, flags, 0o600).catch(throwStoreError)
}

/** Rejects with the file system's own error. A planted link is not followed, and a planted pipe does not block. */
export function openToRead(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
}

/** What there is at the path, a link itself and not its target; undefined when there is nothing. */
export async function lstatIfPresent(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw toStoreError(error)
  }
}

/** Removes a file or a link, never a directory. Absent is fine. */
export async function unlinkIfPresent(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw toStoreError(error)
  }
}

/** Throws when there is something else than a directory at the path: through a link the store would change what isn't its own. */
export async function requireOwnDirectory(path: string): Promise<void> {
  const found = await lstatIfPresent(path)
  if (found === undefined || found.isDirectory()) return
  throw new Error(`${path} is not a directory (links are not followed); the store changes nothing there`)
}

/** The regular files of a directory whose names `readName` knows, with the blob ids that it reads from them. */
export async function* listFiles(
  directory: string,
  readName: (name: string) => string | undefined,
): AsyncGenerator<StoredBlob> {
  for await (const entry of await opendir(directory).catch(throwStoreError)) {
    const id = readName(entry.name)
    if (id === undefined) continue
    const found = await lstatIfPresent(join(directory, entry.name))
    // It may have been published or removed since the directory was read.
    if (found?.isFile()) yield { id, modifiedAt: Math.trunc(found.mtimeMs) }
  }
}
