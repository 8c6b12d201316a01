import { createHash } from 'node:crypto'

/**
 * The digest of a version names its whole content, so that an approval or a signature can point at it: the sha256 of one line
 * `<sha256>  <size>  <path>\n` per file, sorted by the bytes of the path. It depends on nothing else: the same files give the same
 * digest in every model, team and registry. Anyone can recompute it from a pulled version with `sha256sum`.
 */
export function createVersionDigest() {
  const hash = createHash('sha256')
  return {
    /** Files must come sorted by the UTF-8 bytes of their paths. */
    add(file: { path: string; size: number; sha256: string }): void {
      hash.update(`${file.sha256}  ${file.size}  ${file.path}\n`)
    },
    /** Hex, lower case. */
    finish(): string {
      return hash.digest('hex')
    },
  }
}
