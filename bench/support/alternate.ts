/** Requests one at a time, by turns: what takes longer on one side shows, however the machine drifts. */
import { Agent, get } from 'node:http'
import { performance } from 'node:perf_hooks'
import { median } from './rounds.ts'

export interface OneRequest {
  url: string
  headers: Record<string, string>
}

/** Sends each request `count` times, or for as long as it may take in all. Answers the median time of each, in ms. */
export async function alternate({
  requests,
  count,
  longestMs,
}: {
  requests: OneRequest[]
  count: number
  longestMs: number
}): Promise<number[]> {
  const agent = new Agent({ keepAlive: true })
  const times: number[][] = requests.map(() => [])
  const end = performance.now() + longestMs
  for (let round = 0; round < count && (round < 3 || performance.now() < end); round++) {
    for (const [index, request] of requests.entries()) times[index]?.push(await timeRequest(agent, request))
  }
  agent.destroy()
  return times.map(taken => median(taken.slice(taken.length > 20 ? 10 : 0)))
}

/** From sending to the end of the answer, in ms. Throws when it is not a 2xx. */
export function timeRequest(agent: Agent, { url, headers }: OneRequest): Promise<number> {
  const start = performance.now()
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers }, response => {
      const { statusCode = 0 } = response
      if (statusCode < 200 || statusCode > 299) reject(new Error(`${statusCode} at GET ${url}`))
      response.on('end', () => resolve(performance.now() - start)).on('error', reject)
      response.resume()
    })
    request.on('error', reject)
  })
}
