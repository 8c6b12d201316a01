import { RegistryError } from './errors.ts'

/** A file of a version and the stored bytes it stands for. Times are ms since 1970. */
export interface StoredFile {
  path: string
  size: number
  /** Hex, lower case. */
  sha256: string
  contentType: string
  createdAt: number
  /** When all its stored bytes were last read and matched the sha256. */
  verifiedAt: number
  blob: { id: string; storageProviderId: string; isDamaged: boolean }
}

/** A caller's condition on what is at a path now, so that two who edit one draft don't overwrite each other unseen. */
export type FileCondition = (current: StoredFile | undefined) => boolean

/** Throws `precondition_failed` unless the condition, if there is one, holds. */
export function requireCondition(condition: FileCondition | undefined, current: StoredFile | undefined): void {
  if (!condition || condition(current)) return
  const what = current
    ? 'the file at this path is not the one that the condition names'
    : 'there is no file at this path'
  throw new RegistryError('precondition_failed', `${what}; nothing was changed`)
}
