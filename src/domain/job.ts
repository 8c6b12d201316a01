/** Work that happens after the answer. A job is queued in the transaction that makes it necessary, so it can't be forgotten. */
export interface Job {
  id: number
  kind: JobKind
  /** What it is about, such as a model's id. A job of one kind and subject is queued once. */
  subject: string
  attempts: number
  /** Grows when the job is queued anew while it runs. */
  revision: number
}

export const JOB_KINDS = ['reclaim-model', 'reclaim-version', 'reclaim-blobs', 'delete-bytes', 'sweep-orphans'] as const
export type JobKind = (typeof JOB_KINDS)[number]
