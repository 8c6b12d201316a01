import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { findErrorCode } from '../client/errors.ts'
import { CliError } from './errors.ts'

/**
 * Makes a directory and those above it that are missing. Node's own recursive way never ends where the system refuses to make one in a parent
 * that is there, such as in /proc. Rejects with the system's error, or a `CliError`.
 */
export async function makeDirectories(path: string, mode = 0o777): Promise<void> {
  if (await isMade(path, mode)) return
  const parent = dirname(path)
  if (parent !== path) await makeDirectories(parent, mode)
  if (!(await isMade(path, mode))) {
    throw Object.assign(new Error(`no directory can be made at ${path}`), { code: 'ENOENT', syscall: 'mkdir', path })
  }
}

/** False when a parent is missing. */
async function isMade(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, { mode })
    return true
  } catch (error) {
    const code = findErrorCode(error)
    if (code === 'ENOENT') return false
    const info = await stat(path).catch(() => undefined)
    if (info?.isDirectory()) return true
    if (code !== 'EEXIST') throw error
    // Only a link to nothing is there, and yet not there.
    throw info ? error : new CliError('conflict', `${path} is a link to nothing`, 'Remove it, or choose another place.')
  }
}
