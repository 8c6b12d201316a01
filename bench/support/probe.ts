/** Small requests at a steady pace while something large goes on: how long the longest of them waits. */
import { Agent } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { type OneRequest, timeRequest } from './alternate.ts'

const PAUSE_MS = 2

let stop: () => Promise<number[]> = async () => []

/** One caller for each request. */
export function startProbes(requests: OneRequest[]): void {
  let isOver = false
  const probes = requests.map(async request => {
    const agent = new Agent({ keepAlive: true })
    let longest = 0
    // The first is not counted: it connects.
    await timeRequest(agent, request)
    while (!isOver) {
      longest = Math.max(longest, await timeRequest(agent, request))
      await setTimeout(PAUSE_MS)
    }
    agent.destroy()
    return longest
  })
  stop = () => {
    isOver = true
    return Promise.all(probes)
  }
}

/** Answers the longest wait of each caller since the start, in ms. */
export function stopProbes(): Promise<number[]> {
  return stop()
}
