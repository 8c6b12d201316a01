/** What makes an installation this one: made once, kept in the database, its id also in every store. */
export interface Instance {
  /** A uuid. */
  id: string
  /** 32 random bytes, base64: seals the cursors of lists. */
  cursorKey: string
  createdAt: number
}
