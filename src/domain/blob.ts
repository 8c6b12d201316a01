/** Stored bytes. An id is opaque and used once; files and uploads refer to it. */
export interface Blob {
  id: string
  teamId: string
  storageProviderId: string
  /** In bytes. */
  size: number
  /** Lower-case hex. */
  sha256: string
}
