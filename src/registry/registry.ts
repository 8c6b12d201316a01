/** What the registry's operations work with. It is put together once, in app.ts, and handed to each operation as the first argument. */
import type { Stores } from '../blobs/stores.ts'
import type { Instance } from '../domain/instance.ts'
import type { Database } from '../metadata/database.ts'
import type { KnownKeys } from './api-keys/known-keys.ts'
import type { Clock } from './clock.ts'
import type { Cursors } from './cursors.ts'
import type { Secrets } from './secrets.ts'
import type { Tally } from './tally.ts'
import type { PartSignatures } from './uploads/part-signatures.ts'

export interface Registry {
  db: Database
  clock: Clock
  limits: Limits
  /** Which installation this is. */
  instance: Instance
  /** Where the bytes are, by storage provider. */
  stores: Stores
  /** Seals the secrets of storage providers. */
  secrets: Secrets
  /** Seals the positions of lists. */
  cursors: Cursors
  /** The uploads that this process is receiving: it renews their rows, see blobs/begin-upload.ts. */
  arrivingUploads: Set<string>
  /** The parts that this process is receiving, by upload and number. */
  arrivingParts: Map<string, { stop(): Promise<void> }>
  /** Signs the URLs to which parts are sent. */
  partSignatures: PartSignatures
  knownKeys: KnownKeys
  /** When this process last tried to note the use of each API key, in ms since 1970. */
  keyUsesNoted: Map<string, number>
  tally: Tally
  /** Tells the worker that a job may be due, so that it need not wait for its next look. */
  wakeJobs(): void
  /** For failures in the background, where no caller waits for an answer. */
  warn(message: string, error?: unknown): void
  /** For what happens in the background and went well. */
  debug(message: string): void
}

export interface Limits {
  /** Of one file. */
  maxFileBytes: number
  /** Of a part of an upload, but for the last one. */
  minPartBytes: number
  /** How long bytes stay after the last file that refers to them is gone, in ms. */
  reclaimGraceMs: number
}
