/** One client, one request after the other: how long an answer takes. */
import { Agent, request as sendRequest } from 'node:http'
import { performance } from 'node:perf_hooks'
import { median } from '../support/rounds.ts'
import type { Call, Contender, Numbers, Work } from './contender.ts'

const COUNT = 200
const LEAST = 5
const LONGEST_MS = 3000
/** On a busy machine MLflow left requests without any answer after many clients had written. Such a request is counted, sent again on a new connection, and is in no figure; more than a few of them are no measurement. */
const UNANSWERED_MS = 20_000
const MOST_UNANSWERED = 5

class Unanswered extends Error {}

/** Answers the median in ms. */
export async function timeCalls(contender: Contender, work: Work, numbers: Numbers): Promise<number> {
  const agent = new Agent({ keepAlive: work !== 'get a model, a new connection each' })
  const times: number[] = []
  let number = 0
  try {
    const end = performance.now() + LONGEST_MS
    for (let done = 0; done < COUNT && (done < LEAST || performance.now() < end); done++) {
      number = numbers.next()
      times.push(await timeCall({ agent, contender, numbers }, contender.callFor(work, number)))
    }
    const proof = contender.proofOf(work, number)
    if (proof) await timeCall({ agent, contender, numbers }, proof)
  } finally {
    agent.destroy()
  }
  return median(times)
}

interface Client {
  agent: Agent
  contender: Contender
  numbers: Numbers
}

/** Answers the time in ms of the call that was answered. */
async function timeCall({ agent, contender, numbers }: Client, call: Call): Promise<number> {
  for (;;) {
    try {
      const { ms, status, text } = await send(agent, contender, call)
      requireExpected(call, status, text)
      return ms
    } catch (error) {
      if (!(error instanceof Unanswered) || ++numbers.unanswered > MOST_UNANSWERED) throw error
    }
  }
}

/** @throws Error that tells the answer, when it is not what the call expects. */
export function requireExpected({ method, path, expect, items }: Call, status: number, text: string): void {
  const isExpected = status === 200 && text.includes(expect) && (items === undefined || countItems(text) === items)
  if (isExpected) return
  const wanted = `200 with ${expect}${items === undefined ? '' : ` and ${items} items`}`
  throw new Error(`${method} ${path} should answer ${wanted}, and answers ${status} ${text.slice(0, 500)}`)
}

/** In the only list that the answer has at its top. */
function countItems(text: string): number {
  const lists = Object.values(JSON.parse(text) as Record<string, unknown>).filter(Array.isArray)
  return lists[0]?.length ?? 0
}

interface Answer {
  /** From sending to the end of the answer. */
  ms: number
  status: number
  text: string
}

function send(agent: Agent, { origin, headers }: Contender, { method, path, body }: Call): Promise<Answer> {
  const start = performance.now()
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const request = sendRequest(origin + path, { agent, method, headers: { ...headers, ...length } }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk)).on('error', reject)
      response.on('end', () => {
        const ms = performance.now() - start
        resolve({ ms, status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
      })
    })
    request.on('error', reject)
    request.setTimeout(UNANSWERED_MS, () => {
      request.destroy(new Unanswered(`${method} ${path} had no answer in ${UNANSWERED_MS / 1000} s`))
    })
    request.end(body)
  })
}
