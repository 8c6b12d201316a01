/** How the commands that look after stored bytes speak: damage as the answer, progress beside it. */
import { count, show, showBytes } from './show.ts'

export interface DamagedBytes {
  blobId: string
  sha256: string
  reason: string
  uses: Array<{ modelId: string; modelName: string; version: number; path: string }>
}

/** Names the bytes and every file that refers to them, so that their owners can be told. */
export function describeDamage({ blobId, sha256, reason, uses }: DamagedBytes): string {
  const files = uses.map(
    ({ modelId, modelName, version, path }) =>
      `  model ${modelId} ${show(JSON.stringify(modelName))}, version ${version}: ${show(JSON.stringify(path))}\n`,
  )
  return `blob ${blobId}, sha256 ${sha256}: ${reason}\n${files.join('')}`
}

interface Amount {
  blobs: number
  bytes: number
}

/** A line on standard error that tells how far the copying of bytes is. */
export function progressLine(verb: string): { show(done: Amount, total: Amount): void; end(): void } {
  const line = liveLine()
  return {
    show(done, total) {
      const bytes = () => `${showBytes(done.bytes)} of ${showBytes(total.bytes)}`
      line.show(() => `${verb} ${done.blobs} of ${count(total.blobs, 'blob')}, ${bytes()}`)
    },
    end: line.end,
  }
}

/** A line on standard error that is written anew now and then. Without a terminal it says nothing. */
export function liveLine(): { show(text: () => string): void; end(): void } {
  const { stderr } = process
  let shownAt = 0
  return {
    show(text) {
      if (!stderr.isTTY || performance.now() - shownAt < 100) return
      shownAt = performance.now()
      stderr.write(`\r\u001b[K${text()}`)
    },
    end() {
      if (stderr.isTTY) stderr.write('\r\u001b[K')
    },
  }
}
