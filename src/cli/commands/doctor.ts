import { readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { Command } from 'commander'
import type { Connection } from '../../client/client.ts'
import { ApiError, ConnectionError } from '../../client/errors.ts'
import type { Cli, ClientCommand } from '../context.ts'
import {
  type Check,
  checkClock,
  checkHealth,
  checkKey,
  checkLimits,
  checkProxies,
  checkReach,
  checkVersions,
  describeRoom,
  probe,
} from '../doctor/checks.ts'
import { CliError } from '../errors.ts'
import type { Outcome } from '../outcomes.ts'
import { count, show } from '../show.ts'
import { align } from '../table.ts'

export const doctor: ClientCommand = cli =>
  new Command('doctor')
    .description('check the way to the registry, its health, the key, the clocks and the versions')
    .action(async () => {
      const url = await findAddress(cli)
      const checks = [...(await examine(cli)), await checkDisk()]
      const failed = checks.filter(check => check.state === 'fail')
      await cli.answer({ url: url ?? null, isOk: failed.length === 0, checks }, describe(checks))
      if (failed.length === 0) return
      throw new CliError(outcomeOf(failed), `${count(failed.length, 'check')} failed`)
    })

/** Undefined when nobody is logged in, which is a finding and no failure of the command. */
async function findAddress(cli: Cli): Promise<string | undefined> {
  return await cli.connection().then(
    connection => connection.url,
    () => undefined,
  )
}

async function examine(cli: Cli): Promise<Check[]> {
  const connection = await cli.connection().catch((error: Error) => error)
  if (connection instanceof Error) {
    const advice = connection instanceof CliError ? connection.advice : undefined
    return [{ name: 'login', state: 'fail', found: connection.message, ...(advice !== undefined && { advice }) }]
  }
  const login: Check = { name: 'login', state: 'ok', found: connection.url }
  try {
    return [login, ...(await examineRegistry(cli, connection))]
  } catch (error) {
    if (!(error instanceof ConnectionError || error instanceof ApiError)) throw error
    const advice = 'Check the URL and the network; `holotype serve` starts a registry here.'
    return [login, { name: 'reach', state: 'fail', found: `cannot reach it: ${error.message}`, advice }]
  }
}

async function examineRegistry({ signal }: Cli, connection: Connection): Promise<Check[]> {
  const alive = await probe(connection, '/livez', signal)
  const reach = checkReach(alive)
  const proxies = checkProxies(alive, connection)
  if (reach.state === 'fail') return [reach, proxies]
  const [contract, ready] = await Promise.all([
    probe(connection, '/openapi.json', signal),
    probe(connection, '/readyz', signal),
  ])
  return [
    reach,
    proxies,
    checkVersions(contract, readOwnVersion()),
    checkClock(alive, Date.now()),
    checkHealth(ready),
    checkLimits(await probe(connection, '/v1/auth/session', signal)),
    ...(await checkKey(connection, signal)),
  ]
}

function readOwnVersion(): string {
  return JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')).version
}

async function checkDisk(): Promise<Check> {
  const { bavail, bsize } = await statfs('.')
  return describeRoom(bavail * bsize)
}

function describe(checks: readonly Check[]): string {
  const lines = align(checks.map(({ state, name, found }) => [state, name, show(found)])).split('\n')
  return checks
    .map(({ advice }, index) => `${lines[index]}\n${advice === undefined ? '' : `      ${show(advice)}\n`}`)
    .join('')
}

/** Of the first that failed: what comes after it may only follow from it. */
function outcomeOf([first]: readonly Check[]): Outcome {
  if (first?.name === 'reach') return 'unreachable'
  return first?.name === 'key' || first?.name === 'login' ? 'denied' : 'failed'
}
