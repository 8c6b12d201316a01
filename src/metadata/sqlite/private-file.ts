/** A database's files hold hashes of keys and all names: only their owner may read them, whatever the directory allows. */
import { chmodSync, closeSync, openSync, statSync } from 'node:fs'

/**
 * Makes an empty file of mode 0600 where there is none: SQLite takes an empty file for a new database, and gives the files beside it the
 * same mode. Files of that database which others may read are closed to them. Throws the file system's error.
 */
export function makePrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600))
  for (const suffix of ['', '-wal', '-shm', '-journal']) {
    const mode = statSync(file + suffix, { throwIfNoEntry: false })?.mode ?? 0
    if (mode & 0o077) chmodSync(file + suffix, mode & 0o700)
  }
}
