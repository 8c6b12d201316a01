/**
 * A backup is a directory:
 *
 *     backup/
 *       registry.sqlite    the metadata at one moment
 *       secret.key         what seals secrets in it, where that is a file
 *       blobs/             every blob it knows, laid out as blobs/local-store.ts does
 *       manifest.json      written last: where it is missing, the backup was not finished
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from '../config.ts'
import type { TableDigests } from '../metadata/table-rows.ts'
import { writeDurably } from './durable-files.ts'

const FORMAT = 1

export interface Manifest {
  format: typeof FORMAT
  /** The moment that the backup shows, ISO 8601. */
  takenAt: string
  blobs: number
  /** Of all blobs together. */
  bytes: number
  /** Of registry.sqlite, hex. */
  databaseSha256: string
  /** What is in the tables. Absent in a backup of the first release. */
  contents?: {
    /** How many migration steps the tables have been through. */
    step: number
    tables: TableDigests
  }
}

function manifestFile(directory: string): string {
  return join(directory, 'manifest.json')
}

export async function writeManifest(directory: string, facts: Omit<Manifest, 'format'>): Promise<Manifest> {
  const manifest: Manifest = { format: FORMAT, ...facts }
  await writeDurably(manifestFile(directory), `${JSON.stringify(manifest, null, 2)}\n`)
  return manifest
}

/** Throws a `ConfigError` when the directory is not a finished backup that this release can read. */
export async function readManifest(directory: string): Promise<Manifest> {
  const text = await readFile(manifestFile(directory), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw new ConfigError(`${directory} is not a finished backup: it has no manifest.json`)
  })
  const manifest = parse(text)
  if (manifest?.format === FORMAT && typeof manifest.databaseSha256 === 'string') return manifest
  throw new ConfigError(`the manifest.json in ${directory} is damaged or of another release`)
}

function parse(text: string): Manifest | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
