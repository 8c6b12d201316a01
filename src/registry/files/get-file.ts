import type { Actor } from '../../domain/actor.ts'
import { notFound, quote } from '../../domain/errors.ts'
import type { StoredFile } from '../../domain/file.ts'
import type { Version } from '../../domain/version.ts'
import type { Reader } from '../../metadata/database.ts'
import { findFile } from '../../metadata/files.ts'
import type { Registry } from '../registry.ts'
import { getReadableVersion, type VersionRef } from '../versions/get-version.ts'

export interface FileRef extends VersionRef {
  path: string
}

/** A file's record. Throws `not_found`. */
export async function getFile(
  registry: Registry,
  actor: Actor,
  ref: FileRef,
): Promise<{ version: Version; file: StoredFile }> {
  const { version } = await getReadableVersion(registry.db.read, actor, ref)
  return { version, file: await getFileOf(registry.db.read, version, ref.path) }
}

export async function getFileOf(db: Reader, version: Version, path: string): Promise<StoredFile> {
  const file = await findFile(db, version, path)
  if (!file) throw notFound('file', path, `version ${version.number} has no file ${quote(path)}`)
  return file
}
