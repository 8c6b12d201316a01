/** What a sender says its bytes are. All of it is checked before anything is published. */
export interface DeclaredBytes {
  /** In bytes. */
  size?: number | undefined
  /** In hex of either case. */
  sha256?: string | undefined
  /** What is said only after the last byte, to be asked then. Throws `invalid_argument` where it can't be read. */
  atEnd?: (() => { sha256?: string }) | undefined
}
