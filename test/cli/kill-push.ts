import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** Pushes in a process of its own, which is killed when `reached` resolves. Rejects when it ends before. */
export async function killPush(words: string[], env: Record<string, string>, reached: Promise<void>): Promise<void> {
  const child = spawn(process.execPath, ['bin/holotype.js', 'push', ...words], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  const ended = once(child, 'close')
  const early = ended.then(async () => {
    throw new Error(`the push ended by itself: ${(await output).join('')}`)
  })
  early.catch(() => {})
  await Promise.race([reached, early])
  child.kill('SIGKILL')
  await ended
}
