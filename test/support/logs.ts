/** A logger whose lines a test can read. */
import { Writable } from 'node:stream'

export function collectLogs(level = 'trace'): { logger: { level: string; stream: Writable }; text(): string } {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  return { logger: { level, stream }, text: () => lines.join('') }
}
