/** Starts a server with all its processes, waits until it rests, and ends every one of them again, however the benchmark ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { canSeeProcesses, findMarked, MARK, memoryOf, ticksOf } from './processes.ts'

const READY_MS = 180_000
const ANSWER_MS = 5000
const STOP_MS = 10_000
/** A server rests when it took less than a twentieth of a core in this time. */
const WINDOW_MS = 2000
const RESTING_TICKS = 10
/** On a system that doesn't show processor time: long enough for the start of all that MLflow starts. */
const BLIND_REST_MS = 20_000
const MAX_WINDOWS = 30

export interface ServerProcess extends AsyncDisposable {
  /** Waits until it does next to nothing, for a minute at most. */
  rest(): Promise<void>
  /** Undefined where the system doesn't show it. In bytes. */
  memory(): { processes: number; bytes: number } | undefined
}

export interface Start {
  command: string
  args: string[]
  env: Record<string, string>
  /** Where it may leave files; what it says goes into a file there. */
  dir: string
  /** Answers 200 when it is ready. */
  readyUrl: string
}

export async function startServer({ command, args, env, dir, readyUrl }: Start): Promise<ServerProcess> {
  const mark = randomUUID()
  const logFile = join(dir, 'server.log')
  const log = openSync(logFile, 'a')
  const child = spawn(command, args, {
    cwd: dir,
    // A group of its own, so that it can be ended as one.
    detached: true,
    env: { ...withoutSettings(), ...env, [MARK]: mark },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const killNow = () => killAll(child, mark)
  // First of all: what else is done at the end removes the files that it may be writing.
  process.prependListener('exit', killNow)
  const server: ServerProcess = {
    rest: () => rest(mark),
    memory() {
      const ids = findMarked(mark)
      return canSeeProcesses ? { processes: ids.length, bytes: memoryOf(ids) } : undefined
    },
    async [Symbol.asyncDispose]() {
      await stop(child)
      killNow()
      process.off('exit', killNow)
    },
  }
  try {
    await waitUntilReady(child, readyUrl)
    return server
  } catch (error) {
    await server[Symbol.asyncDispose]()
    const said = readFileSync(logFile, 'utf8').trim().split('\n').slice(-10).join('\n')
    throw new Error(`${command}: ${error instanceof Error ? error.message : error}\n${said}`)
  }
}

/** Nothing that the caller has set for a registry of theirs changes what is measured. */
function withoutSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(HOLOTYPE|MLFLOW)_/.test(name)))
}

async function waitUntilReady(child: ChildProcess, url: string): Promise<void> {
  let failure: string | undefined
  child.on('error', error => {
    failure = error.message
  })
  child.on('exit', code => {
    failure = `it ended with code ${code} before it was ready`
  })
  for (const end = Date.now() + READY_MS; Date.now() < end; await setTimeout(100)) {
    if (failure !== undefined) throw new Error(failure)
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.status === 200) return
  }
  throw new Error(`it was not ready after ${READY_MS / 1000} s`)
}

async function rest(mark: string): Promise<void> {
  if (!canSeeProcesses) return await setTimeout(BLIND_REST_MS)
  for (let window = 0; window < MAX_WINDOWS; window++) {
    const before = ticksOf(findMarked(mark))
    await setTimeout(WINDOW_MS)
    if (ticksOf(findMarked(mark)) - before < RESTING_TICKS) return
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await Promise.race([ended, setTimeout(STOP_MS, undefined, { ref: false })])
}

/** What has moved to another group has the mark, and where marks can't be seen there is the group. */
function killAll({ pid }: ChildProcess, mark: string): void {
  if (pid === undefined) return
  for (const id of [-pid, ...findMarked(mark)]) {
    try {
      process.kill(id, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}
