/** A real PostgreSQL server for tests, in a temporary directory and on a free loopback port. It forgets everything at its end. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { findFreePort } from './free-port.ts'
import { runSql } from './postgresql-databases.ts'

const runFile = promisify(execFile)

/** How the server ends: `fast` refuses and rolls back, `immediate` is a crash, with recovery at the next start. */
export type StopMode = 'fast' | 'immediate'

export interface PostgresqlServer extends AsyncDisposable {
  /** Of its maintenance database, for a superuser. See `createDatabase`. */
  url: string
  stop(mode?: StopMode): Promise<void>
  /** Starts it again, on the same port and with the same databases. */
  start(): Promise<void>
  /** Ends the server and removes all it kept. Happens by itself when this process ends, however it ends. */
  close(): Promise<void>
}

export const NO_POSTGRESQL = "no PostgreSQL on this machine: install Debian's package postgresql"

/** The folder of the newest PostgreSQL server on this machine, undefined when there is none. */
export function findPostgresql(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian) : []
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a)).map(version => join(debian, version, 'bin'))
  const folders = [...newestFirst, ...(process.env['PATH'] ?? '').split(delimiter)]
  return folders.find(folder => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')))
}

export interface PostgresqlServerOptions {
  /** Whether a commit waits for the disk, as it does in real use: only the benchmark needs that. */
  isDurable?: boolean
  /** Where the server's directory is made. Its user must be able to enter it. */
  parent?: string
}

export async function startPostgresql({
  isDurable = false,
  parent = tmpdir(),
}: PostgresqlServerOptions = {}): Promise<PostgresqlServer> {
  const bin = findPostgresql()
  if (bin === undefined) throw new Error(NO_POSTGRESQL)
  const directory = await mkdtemp(join(parent, 'holotype-postgresql-'))
  const settings = isDurable ? SETTINGS : [...SETTINGS, ...FORGETFUL]
  const runAs = isRoot() ? await becomePostgres(directory) : []
  const data = join(directory, 'data')
  const run = (program: string, args: string[]) => {
    const [command = '', ...rest] = [...runAs, join(bin, program), '-D', data, ...args]
    // The user that the server runs as can't read every folder, and variables such as PGPORT would speak to it.
    return runFile(command, rest, { cwd: directory, env: { PATH: process.env['PATH'], HOME: directory } })
  }
  const keeper = keepUntilWeEnd(directory, [...runAs, join(bin, 'pg_ctl'), '-D', data, '-m', 'immediate', '-s', 'stop'])
  const close = async () => {
    keeper.ref()
    keeper.stdin?.end()
    if (keeper.exitCode === null) await once(keeper, 'close')
  }
  try {
    await run('initdb', INITDB)
    const port = await startOnFreePort(run, directory, settings)
    const url = `postgresql://holotype@127.0.0.1:${port}/postgres`
    await runSql(url, 'SELECT 1')
    return {
      url,
      stop: async (mode = 'fast') => void (await run('pg_ctl', ['-m', mode, '-w', '-s', 'stop'])),
      start: () => start(run, { directory, port, settings }),
      close,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

type Run = (program: string, args: string[]) => Promise<unknown>

/** Text is ordered by a language's rules unless a column says otherwise, so that a column that forgets to say so is noticed. */
const LANGUAGE_ORDER = ['--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US']
const INITDB = ['-U', 'holotype', '--auth=trust', '-E', 'UTF8', ...LANGUAGE_ORDER, '--no-sync']

const SETTINGS = ['max_connections=200']
/** Nothing that a test keeps has to survive the machine. But what was committed survives a crash of the server, so commits are not asynchronous. */
const FORGETFUL = ['fsync=off', 'full_page_writes=off']

interface Place {
  directory: string
  port: number
  settings: string[]
}

async function start(run: Run, { directory, port, settings }: Place): Promise<void> {
  const all = ['listen_addresses=127.0.0.1', `unix_socket_directories=${directory}`, ...settings]
  const options = [`-p ${port}`, ...all.map(setting => `-c ${setting}`)].join(' ')
  const log = join(directory, 'log')
  await run('pg_ctl', ['-l', log, '-w', '-t', '60', '-s', '-o', options, 'start']).catch(async error => {
    const said = await readFile(log, 'utf8').catch(() => '')
    throw new Error(`PostgreSQL does not start: ${error.message}\n${said.slice(-2000)}`, { cause: error })
  })
}

/** Another process may take the port between our look and the start. */
async function startOnFreePort(run: Run, directory: string, settings: string[]): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort()
    try {
      await start(run, { directory, port, settings })
      return port
    } catch (error) {
      if (attempt === 3) throw error
    }
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** PostgreSQL refuses to run as root. Answers the beginning of a command that runs as its own user, who gets the directory. */
async function becomePostgres(directory: string): Promise<string[]> {
  try {
    await runFile('chown', ['postgres:postgres', directory])
  } catch (error) {
    await rm(directory, { recursive: true })
    throw error
  }
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups']
}

/**
 * A process that does nothing until its input ends, which it does when this process ends, killed or not. It is not in our process
 * group, so Ctrl-C reaches us alone.
 */
function keepUntilWeEnd(directory: string, stopCommand: string[]): ChildProcess {
  const script = 'cd "$0" && cat; "$@"; cd /; rm -rf "$0"'
  const keeper = spawn('sh', ['-c', script, directory, ...stopCommand], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  keeper.unref()
  return keeper
}
