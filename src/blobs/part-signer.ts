/** What a store may be able to do beyond its contract: let clients send the parts of a blob to it directly, by signed requests. */
import type { BlobStore } from './blob-store.ts'

/** A request that needs no other credentials than its own URL. */
export interface SignedRequest {
  method: string
  url: string
  /** To be sent exactly as they are. */
  headers: Record<string, string>
  /** In ms since 1970. */
  expiresAt: number
}

/** A part as the store has it. */
export interface StoredPart {
  number: number
  size: number
  /** The store's own name for these bytes, as it was given: it is compared with nothing. */
  etag: string
  /** Lower-case hex, where the store has checked it. */
  sha256: string | null
}

export interface PartSigner {
  /** @returns what names the upload at the store, together with the id. */
  beginParts(id: string): Promise<string>
  signPart(
    id: string,
    reference: string,
    part: { number: number; size: number; sha256?: string | undefined },
    lifetimeMs: number,
  ): Promise<SignedRequest>
  /** The parts that the store has, sorted by number, after the given one. */
  listStoredParts(id: string, reference: string, after?: number): AsyncIterable<StoredPart>
  /** Makes the blob readable; also when it has been done already. `size` is that of the whole. */
  completeParts(id: string, reference: string, parts: StoredPart[], size: number): Promise<void>
}

export function signsParts(store: BlobStore): store is BlobStore & PartSigner {
  return 'signPart' in store
}
