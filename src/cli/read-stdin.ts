import type { Cli } from './context.ts'

/** In bytes; what is read from there is a secret, and every one is far below it. */
const INPUT_MAX = 4096

/** What stands on stdin, without white space around it. Throws what `tooLong` makes when it is no secret at all. */
export async function readStdin(cli: Cli, tooLong: () => Error): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  const { stdin } = cli.io
  const stop = () => stdin.destroy()
  cli.signal.addEventListener('abort', stop)
  try {
    for await (const chunk of stdin) {
      chunks.push(Buffer.from(chunk))
      size += chunk.length
      if (size > INPUT_MAX) throw tooLong()
    }
  } catch (error) {
    throw cli.signal.aborted ? cli.signal.reason : error
  } finally {
    cli.signal.removeEventListener('abort', stop)
  }
  cli.signal.throwIfAborted()
  return Buffer.concat(chunks).toString().trim()
}
