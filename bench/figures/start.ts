/** From starting the process to being ready for requests. The limit is a Node that only starts to listen. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Figure } from '../support/figure.ts'
import { onCoreOf } from '../support/processes.ts'
import { takeTurns } from '../support/rounds.ts'

const LAUNCHER = fileURLToPath(new URL('../../bin/holotype.js', import.meta.url))
const LISTENER = `const server = require('node:http').createServer((_, answer) => answer.end())
server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port))`

export const start: Figure = {
  name: 'start',
  async measure(dir) {
    const ours = async () => {
      const dataDir = await mkdtemp(join(dir, 'data-'))
      return { ms: await timeToReady([LAUNCHER, 'serve', '--port', '0', '--data-dir', dataDir]) }
    }
    await ours()
    const medians = await takeTurns(5, { ours, limit: async () => ({ ms: await timeToReady(['-e', LISTENER]) }) })
    return [
      {
        figure: 'Start, empty, to ready',
        unit: 'ms',
        ours: medians.ours.ms,
        limit: { what: 'bare node:http', value: medians.limit.ms },
        aim: { value: 'below', bound: 1000 },
      },
    ]
  },
}

/** Runs Node until the URL that it prints answers `/readyz`, and ends it again. In ms. */
async function timeToReady(args: string[]): Promise<number> {
  const begin = performance.now()
  const [command, onCore] = onCoreOf('server', args)
  const child = spawn(command, onCore, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  try {
    for await (const line of createInterface(child.stdout)) {
      const url = /http:\S+/.exec(line)?.[0]
      if (!url) continue
      const response = await fetch(`${url}/readyz`)
      if (!response.ok) throw new Error(`not ready: ${response.status}`)
      return performance.now() - begin
    }
    throw new Error('it ended before it was ready')
  } finally {
    child.kill()
    await ended
  }
}
