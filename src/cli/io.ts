import type { Readable, Writable } from 'node:stream'

/** What a command reads from and writes to. Tests bring their own. */
export interface Io {
  stdin: Readable & { isTTY?: boolean | undefined }
  /** For the answer, and nothing else. */
  stdout: Writable & { isTTY?: boolean | undefined; columns?: number | undefined }
  /** For everything said beside the answer. */
  stderr: Writable & { isTTY?: boolean | undefined; columns?: number | undefined }
  env: Record<string, string | undefined>
}

export function processIo(): Io {
  return { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: process.env }
}
