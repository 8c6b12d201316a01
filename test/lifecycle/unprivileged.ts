/** Commands run by a user who may not do everything: as root a test would never be refused. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Outcome } from './server-process.ts'

const launcher = fileURLToPath(new URL('../../bin/holotype.js', import.meta.url))

/** The user "nobody" where the tests run as root; else their own user. */
const NOBODY = 65_534

export async function runUnprivileged(args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [launcher, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env },
    ...(process.getuid?.() === 0 && { uid: NOBODY, gid: NOBODY }),
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, stdout, stderr }
}
