/** What a store may be able to do beyond its contract: take the bytes of one blob in parts, in any order, from several requests. */
import type { BlobStore, BlobWriter } from './blob-store.ts'

export interface PartReceiver {
  /**
   * Makes room for a blob that comes in parts. Nobody can read it before `publishParts` has returned.
   * @returns what names the room, together with the id.
   */
  createParts(id: string): Promise<string>
  /**
   * Opens one part, which begins at `offset` bytes in the blob. `publish` makes its bytes durable. `discard` ends the writing; what it has written
   * may stay. Only one writer at a time may write the same bytes.
   */
  openPart(id: string, reference: string, offset: number): Promise<BlobWriter>
  /**
   * Makes the blob readable, as `BlobWriter.publish` does; also when it has been done already. With `copy` the bytes are copied before, so that a
   * writer that nobody can stop any more can't change them afterwards.
   */
  publishParts(id: string, reference: string, options: { size: number; copy: boolean }): Promise<void>
}

export function receivesParts(store: BlobStore): store is BlobStore & PartReceiver {
  return 'openPart' in store
}
