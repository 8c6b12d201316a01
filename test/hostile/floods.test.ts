/** After a flood the memory is what it was before: nothing is kept for those who came. */
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { open } from './raw-http.ts'

const MIB = 1024 * 1024

let registry: TestRegistry
let port: number
let collect: () => void
beforeAll(async () => {
  setFlagsFromString('--expose-gc')
  collect = runInNewContext('gc')
  registry = await startRegistry({
    HOLOTYPE_TRUSTED_PROXIES: '127.0.0.1',
    HOLOTYPE_REQUESTS_PER_MINUTE_PER_ADDRESS: '5',
  })
  port = Number(new URL(await registry.listen()).port)
})
afterAll(() => registry.close())

/** Requests that are answered, refused or limited, as they come from one address. */
function requestsFrom(address: string): string[] {
  const get = (headers: string) => `GET /v1/models HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: ${address}\r\n${headers}\r\n`
  const good = get(`Authorization: Bearer ${registry.reader.key}\r\n`)
  const wrong = get(`Authorization: Bearer ht_ak0123456789abc_${'x'.repeat(40)}\r\n`)
  return [good, ...Array<string>(6).fill(wrong), get(''), get('Host: twice\r\n')]
}

async function flood(round: number): Promise<void> {
  for (let batch = 0; batch < 5; batch++) {
    const connections = await Promise.all(Array.from({ length: 80 }, () => open(port)))
    await Promise.all(
      connections.map(async (connection, index) => {
        const requests = requestsFrom(`10.${round}.${batch}.${index}`)
        connection.send(requests.join(''))
        const { answers } = await connection.read({ answers: requests.length })
        expect(answers.map(({ status }) => status)).toEqual([200, 401, 401, 401, 401, 429, 429, 429, 400])
        connection.send('Broken\r\n\r\n')
        await connection.read()
      }),
    )
    await Promise.all(connections.map(connection => connection.close()))
  }
}

async function heapInUse(): Promise<number> {
  // What ends with a connection ends some turns later.
  for (let pass = 0; pass < 3; pass++) {
    await setTimeout(50)
    collect()
  }
  return process.memoryUsage().heapUsed
}

test('thousands of requests of every kind, from a thousand addresses, leave no memory behind', async () => {
  await flood(0)
  const before = await heapInUse()
  for (let round = 1; round <= 3; round++) await flood(round)
  expect(((await heapInUse()) - before) / MIB).toBeLessThan(4)
}, 60_000)
