/** How the commands that look after stored bytes speak: damage as the answer, progress beside it. */

/** The exit code of a command that found stored bytes damaged or missing. */
export const EXIT_DAMAGED = 6

export interface DamagedBytes {
  blobId: string
  sha256: string
  reason: string
  uses: Array<{ modelId: string; modelName: string; version: number; path: string }>
}

/** Names the bytes and every file that stands on them, so that their owners can be told. */
export function describeDamage({ blobId, sha256, reason, uses }: DamagedBytes): string {
  const files = uses.map(
    ({ modelId, modelName, version, path }) =>
      `  model ${modelId} ${JSON.stringify(modelName)}, version ${version}: ${JSON.stringify(path)}\n`,
  )
  return `blob ${blobId}, sha256 ${sha256}: ${reason}\n${files.join('')}`
}

/** "1 file", "2 files". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** In the largest unit that leaves at least 1, binary. */
export function showBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1)
  return power === 0 ? count(bytes, 'byte') : `${(bytes / 1024 ** power).toFixed(1)} ${units[power]}`
}

interface Amount {
  blobs: number
  bytes: number
}

/** A line on standard error that tells how far the work is. Without a terminal it says nothing. */
export function progressLine(verb: string): { show(done: Amount, total: Amount): void; end(): void } {
  const { stderr } = process
  let shownAt = 0
  return {
    show(done, total) {
      if (!stderr.isTTY || performance.now() - shownAt < 100) return
      shownAt = performance.now()
      const bytes = `${showBytes(done.bytes)} of ${showBytes(total.bytes)}`
      stderr.write(`\r\u001b[K${verb} ${done.blobs} of ${count(total.blobs, 'blob')}, ${bytes}`)
    },
    end() {
      if (stderr.isTTY) stderr.write('\r\u001b[K')
    },
  }
}
