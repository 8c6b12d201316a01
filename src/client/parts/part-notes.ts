/** What the sender itself remembers of the parts that it has sent. */
export interface PartNotes {
  /** The sha256 of each part of an upload that was sent, by its number. */
  find(uploadId: string): ReadonlyMap<number, string>
  add(uploadId: string, number: number, sha256: string): Promise<void>
}
