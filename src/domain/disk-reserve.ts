/** What is kept free on a disk, so that deleting things still works when it is full: that needs room itself. */
const MOST = 256 * 2 ** 20

/** In bytes: what is set, else a twentieth of the disk, and at most 256 MiB. */
export function reserveOf(totalBytes: number, set: number | undefined): number {
  return set ?? Math.min(MOST, Math.floor(totalBytes / 20))
}
