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
