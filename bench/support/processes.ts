/** Starts the processes that a figure needs, each on the core that is meant for it, and ends them again. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Answer, Answers, Question } from './channel.ts'

/** The side a process is on: what is measured, or what measures it. They must not take each other's time. */
export type Side = 'server' | 'load'

const CORES: Record<Side, number> = { server: 0, load: 1 }
const TASKSET = 'taskset'
const canPin = availableParallelism() >= 2 && spawnSync(TASKSET, ['-c', '0', 'true']).status === 0

export function describePinning(): string {
  if (canPin) return `servers and disk on core ${CORES.server}, load on core ${CORES.load}`
  return 'not pinned (that needs taskset and two cores): servers and load take time from each other'
}

/** The command that runs Node on the core of a side. */
export function onCoreOf(side: Side, args: string[]): [command: string, args: string[]] {
  if (!canPin) return [process.execPath, args]
  return [TASKSET, ['-c', String(CORES[side]), process.execPath, ...args]]
}

/** A process that answers questions. Ends with the benchmark, at the latest. */
export interface Helper<A extends Answers> extends AsyncDisposable {
  ask<What extends keyof A & string>(
    what: What,
    question: Parameters<A[What]>[0],
  ): Promise<Awaited<ReturnType<A[What]>>>
}

/** Starts one of the files in `bench/processes/`, which must answer as `A` says. */
export async function startHelper<A extends Answers>(name: string, side: Side): Promise<Helper<A>> {
  const script = fileURLToPath(new URL(`../processes/${name}.ts`, import.meta.url))
  const [command, args] = onCoreOf(side, [script])
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const waiting = collectAnswers(child)
  let asked = 0
  await once(child, 'spawn')
  return {
    ask(what, value) {
      const question: Question = { number: asked++, what, value }
      return new Promise((resolve, reject) => {
        waiting.set(question.number, answer => {
          if ('error' in answer) reject(new Error(`${name} failed at "${what}": ${answer.error}`))
          else resolve(answer.value as never)
        })
        // Also a helper that has ended answers: with an error.
        child.send(question, error => {
          if (error) waiting.get(question.number)?.({ number: question.number, error: error.message })
        })
      })
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

function collectAnswers(child: ChildProcess): Map<number, (answer: Answer) => void> {
  const waiting = new Map<number, (answer: Answer) => void>()
  child.on('message', (answer: Answer) => {
    waiting.get(answer.number)?.(answer)
    waiting.delete(answer.number)
  })
  child.on('exit', code => {
    for (const [number, settle] of waiting) settle({ number, error: `it ended with code ${code}` })
  })
  return waiting
}
