/** What the operating system says about files, in words: what happened to which path, and what to do. */
import { findErrorCode } from '../client/errors.ts'
import type { Outcome } from './outcomes.ts'

interface Explanation {
  outcome: Outcome
  message: string
  advice?: string | undefined
}

interface FileError extends Error {
  code: string
  path?: string
  dest?: string
}

/** Undefined for what isn't an error of the file system. */
export function explainFileError(error: unknown): Explanation | undefined {
  if (!isFileError(error)) return undefined
  const known = EXPLANATIONS[error.code]
  if (!known) return undefined
  const [outcome, words, advice] = known
  const path = error.dest ?? error.path
  return { outcome, message: `${path === undefined ? 'a file' : path} ${words}`, advice }
}

/** Thrown by a call of the system, or in the manner of one. */
function isFileError(error: unknown): error is FileError {
  return error instanceof Error && 'syscall' in error && findErrorCode(error) !== undefined
}

const ELSEWHERE = 'Choose another place, or ask whoever owns it.'
const FREE_SPACE = 'Make room there, then run it again.'

const EXPLANATIONS: Record<string, [outcome: Outcome, words: string, advice?: string]> = {
  ENOENT: ['failed', 'is not there, and can not be made there', 'Choose another place.'],
  EEXIST: ['conflict', 'is there already', 'Move it away, or choose another place.'],
  ENOTDIR: ['conflict', 'is a file, or lies below one, where a folder is needed', 'Choose another place.'],
  EISDIR: ['conflict', 'is a folder, not a file', 'Move it away, or choose another place.'],
  ENOTEMPTY: ['conflict', 'is a folder with something in it', 'Move it away, or choose another place.'],
  ENOTFILE: ['usage', 'is a pipe or a device, not a plain file'],
  ENXIO: ['usage', 'is a pipe or a device, not a plain file'],
  ELOOP: ['conflict', 'is a link where none may be, or leads in a circle', 'Give the place that is meant.'],
  ENAMETOOLONG: ['usage', 'is longer than this file system takes', 'Choose a shorter path.'],
  EINVAL: ['usage', 'is no name that this file system takes', 'Choose another place.'],
  EACCES: ['failed', 'is not open to this user', ELSEWHERE],
  EPERM: ['failed', 'may not be changed by this user', ELSEWHERE],
  EROFS: ['failed', 'is on a file system that can only be read', 'Choose another place.'],
  ENOSPC: ['failed', 'does not fit: the disk is full', FREE_SPACE],
  EDQUOT: ['failed', 'does not fit: the quota of this user is used up', FREE_SPACE],
  EFBIG: ['failed', 'is larger than this file system takes', 'Choose another place.'],
  EXDEV: ['failed', 'is on another file system'],
  EBUSY: ['failed', 'is in use', 'Try again when nothing uses it any more.'],
  ETXTBSY: ['failed', 'is a program that is running', 'Try again when it has ended.'],
  EIO: ['failed', 'can not be read or written: the disk reports an error'],
  ESTALE: ['failed', 'is on a network disk that has been changed meanwhile', 'Run it again.'],
  EMFILE: ['failed', 'can not be opened: this process has too many files open', 'Raise the limit: ulimit -n'],
  ENFILE: ['failed', 'can not be opened: this machine has too many files open', 'Try again later.'],
}
