/** Work that happens after the answer. A job is queued in the transaction that makes it necessary, so it can't be forgotten. */

/** What each kind of job is told. */
export interface JobPayloads {
  /** Removes the rows of a deleted model. */
  'reclaim-model': { modelId: string }
  /** Removes the rows of a deleted version. */
  'reclaim-version': { modelId: string; number: number }
  /** Takes the models out of a deleted project. */
  'reclaim-project': { projectId: string }
  /** Takes the rows of blobs that nothing has referred to for the grace time. */
  'reclaim-blobs': Record<string, never>
  /** Removes the bytes of blobs whose rows are gone. `staging` is what the store needs besides an id, by id. */
  'delete-bytes': { storageProviderId: string; blobIds: string[]; staging?: Record<string, string> }
  /** Ends uploads whose time is over. */
  'expire-uploads': Record<string, never>
  /** Proves the bytes of an upload in parts, and makes them a file. */
  'verify-upload': { uploadId: string }
  /** Removes what a killed process left half-written, notes stored bytes that no row knows, and removes the few that stayed so for a week. */
  'sweep-orphans': Record<string, never>
}

export type JobKind = keyof JobPayloads

export interface NewJob<K extends JobKind = JobKind> {
  kind: K
  /** What it is about. A job of one kind and key is queued once. */
  key: string
  payload: JobPayloads[K]
  /** ms since 1970; at once unless given. */
  runAt?: number
}

/** A job that a worker holds under a lease. */
export interface Job<K extends JobKind = JobKind> {
  id: number
  kind: K
  key: string
  payload: JobPayloads[K]
  attempts: number
  /** Grows when the job is queued anew while it runs. */
  revision: number
  /** Names this lease: a worker that lost it can no longer finish the job. */
  lease: string
}
