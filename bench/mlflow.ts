/**
 * `npm run bench:mlflow`: MLflow from PyPI and our server on this machine, one after the other, asked the same things over their HTTP APIs.
 * `-- --models 300 --versions 5 --big 2000 --rounds 1` is a shorter try; `--dir <path>` puts the data on another disk.
 */
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import { type Amounts, HITS, PAGE } from './mlflow/contender.ts'
import { fillAsHolotype, startHolotype } from './mlflow/holotype-server.ts'
import { installMlflow, type Mlflow } from './mlflow/install.ts'
import { type Measured, measure } from './mlflow/measure.ts'
import { fillAsMlflow, startMlflow } from './mlflow/mlflow-server.ts'
import { describeAmounts, describeUnanswered, formatComparison } from './mlflow/report.ts'

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: '2000' },
    versions: { type: 'string', default: '10' },
    big: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    dir: { type: 'string', default: tmpdir() },
  },
})
// An interrupted run leaves by `exit` as well, where what it has started is ended.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
try {
  await main()
} catch (error) {
  tell(`MLflow could not be compared: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const amounts: Amounts = {
    // A list must have more than one page, and not every model is found.
    models: atLeast(Math.max(PAGE, 2 * HITS), 'models', values.models),
    versions: atLeast(2, 'versions', values.versions),
    big: atLeast(2, 'big', values.big),
  }
  const rounds = atLeast(1, 'rounds', values.rounds)
  const mlflow = installMlflow(tell)
  const dir = await mkdtemp(join(values.dir, 'holotype-mlflow-'))
  const removeDir = () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
  process.on('exit', removeDir)
  try {
    const theirs = await measureMlflow(mlflow, { dir, amounts, rounds })
    const ours = await measureHolotype({ dir, amounts, rounds })
    const notes = describeUnanswered(theirs) + describeUnanswered(ours)
    process.stdout.write(`\n${describeRun(mlflow, amounts, rounds)}${notes}\n\n${formatComparison(theirs, ours)}\n`)
  } finally {
    process.off('exit', removeDir)
    await rm(dir, { recursive: true, force: true })
  }
}

interface Run {
  dir: string
  amounts: Amounts
  rounds: number
}

async function measureMlflow(mlflow: Mlflow, { dir, amounts, rounds }: Run): Promise<Measured> {
  const own = join(dir, 'mlflow')
  await mkdir(own)
  tell(`starting MLflow (load of the machine before: ${load()})`)
  const { server, origin } = await startMlflow(mlflow, own)
  await using _ = server
  tell('filling MLflow: rows in its database, like those that its API writes')
  return await measure(await fillAsMlflow(origin, own, amounts), server, { rounds, tell })
}

async function measureHolotype({ dir, amounts, rounds }: Run): Promise<Measured> {
  const own = join(dir, 'holotype')
  await mkdir(own)
  tell(`starting Holotype (load of the machine before: ${load()})`)
  const { server, origin } = await startHolotype(own)
  await using _ = server
  tell('filling Holotype by its API')
  return await measure(await fillAsHolotype(origin, amounts), server, { rounds, tell })
}

function describeRun({ versions }: Mlflow, amounts: Amounts, rounds: number): string {
  const date = new Date().toISOString().slice(0, 10)
  const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores`
  const database = new DatabaseSync(':memory:')
  const sqlite = database.prepare('SELECT sqlite_version() AS version').get()?.['version']
  database.close()
  return `${date}; ${machine}; ${versions}; Node ${process.version.slice(1)}, SQLite ${sqlite}; ${describeAmounts(amounts)}; medians of ${rounds} rounds.`
}

function atLeast(least: number, name: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= least) return number
  throw new Error(`--${name} must be a whole number from ${least} on, not "${text}"`)
}

/** How many processes wanted a core in the last minute. */
function load(): string {
  return loadavg()[0]?.toFixed(1) ?? '?'
}

/** Apart from the result, so that it can be piped on. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
