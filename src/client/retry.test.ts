import { expect, test } from 'vitest'
import { ApiError, ConnectionError } from './errors.ts'
import { type RetryOptions, retry } from './retry.ts'

const broken = new ConnectionError('http://x', 'broke off', Object.assign(new Error(), { code: 'ECONNRESET' }))
const refused = new ConnectionError('http://x', 'refused', Object.assign(new Error(), { code: 'ECONNREFUSED' }))
const answer = (status: number, retryAfterMs?: number) => new ApiError({ status, code: '', message: '', retryAfterMs })

/** How many attempts are made when the first ones fail with these errors and all others succeed; at last the error, if there is one. */
async function count(errors: Error[], options?: RetryOptions) {
  let attempts = 0
  const attempt = async () => {
    const error = errors[attempts]
    attempts += 1
    if (error) throw error
  }
  const thrown = await retry(attempt, options).catch(error => error)
  return { attempts, thrown }
}

test.concurrent('what may pass is tried again, at most four times', async () => {
  expect(await count([broken])).toEqual({ attempts: 2, thrown: undefined })
  expect(await count([answer(503), answer(429)])).toEqual({ attempts: 3, thrown: undefined })
  expect(await count(Array(9).fill(answer(502)))).toEqual({ attempts: 4, thrown: answer(502) })
  expect((await count([answer(404)])).attempts).toBe(1)
})

test.concurrent('where nothing listens from the start it is the wrong place, later a restart', async () => {
  expect(await count([refused])).toEqual({ attempts: 1, thrown: refused })
  expect((await count([refused], { retryRefused: true })).attempts).toBe(2)
  expect(await count([broken, refused])).toEqual({ attempts: 3, thrown: undefined })
})

test.concurrent('a server that asks for a pause gets it, unless it would take too long', async () => {
  expect((await count([answer(503, 10)])).attempts).toBe(2)
  expect((await count([answer(503, 3_600_000)])).attempts).toBe(1)
  expect((await count([answer(503, 20_000)], { withinMs: 10_000 })).attempts).toBe(1)
})

test.concurrent('there is no attempt after the time for it', async () => {
  expect((await count([broken], { withinMs: 100 })).attempts).toBe(1)
})
