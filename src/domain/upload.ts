/**
 * Bytes on their way. The row is there before the first byte, so that every process knows what is arriving and no sweep takes it for a
 * leftover. Times are ms since 1970.
 */
export interface Upload {
  id: string
  teamId: string
  modelId: string
  version: number
  path: string
  storageProviderId: string
  /** The id that the blob will have. */
  blobId: string
  /** What the store needs besides the blob's id to find what is staged; null where it needs nothing. */
  staging: string | null
  userId: string
  apiKeyId: string
  createdAt: number
  /** Moved on while the upload is alive; afterwards it counts as abandoned. */
  expiresAt: number
}
