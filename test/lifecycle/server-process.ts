/** The real thing: `holotype serve` and other commands as processes of their own, as a person starts them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { databaseEnvironment } from '../support/databases.ts'

const launcher = fileURLToPath(new URL('../../bin/holotype.js', import.meta.url))

type Environment = Record<string, string | undefined>

export interface ProcessLimits {
  /** How many descriptors the process may have. */
  descriptors?: number
}

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

export interface ServerProcess extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  url: string
  child: ChildProcess
  /** Sends the signal and waits for the end. Answers the exit code, null when the signal itself was the end. */
  end(signal: NodeJS.Signals): Promise<number | null>
  /** All it has printed until its end. */
  output(): Promise<Outcome>
}

/** Runs a command to its end. */
export async function run(args: string[], env: Environment = {}): Promise<Outcome> {
  return await outcomeOf(await start(args, env))
}

/** Serves a data directory on a free loopback port and answers once it is ready. Throws with what it said when it ends before. */
export async function serve(
  dataDir: string,
  env: Environment = {},
  limits: ProcessLimits = {},
): Promise<ServerProcess> {
  const child = await start(['serve', '--port', '0', '--data-dir', dataDir], env, limits)
  const outcome = outcomeOf(child)
  const url = await Promise.race([
    readUrl(child),
    outcome.then(({ code, stderr }) => {
      throw new Error(`the server ended with ${code}: ${stderr}`)
    }),
  ])
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    return (await outcome).code
  }
  return {
    url,
    child,
    end,
    output: () => outcome,
    async [Symbol.asyncDispose]() {
      await end('SIGKILL')
    },
  }
}

/** Starts to serve and is killed after so many ms, ready or not. */
export async function serveBriefly(dataDir: string, ms: number, env: Environment = {}): Promise<void> {
  const child = await start(['serve', '--port', '0', '--data-dir', dataDir], env)
  const timer = setTimeout(() => child.kill('SIGKILL'), ms)
  await outcomeOf(child)
  clearTimeout(timer)
}

async function start(args: string[], env: Environment, limits: ProcessLimits = {}): Promise<ChildProcess> {
  const [, dataDir] = args.slice(args.indexOf('--data-dir'))
  const database = args.includes('--data-dir') && dataDir ? await databaseEnvironment(dataDir) : {}
  const [command = '', ...rest] = [...limiting(limits), process.execPath, launcher, ...args]
  return spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...database, ...env },
  })
}

/** What the shell sets before it becomes the server. */
function limiting({ descriptors }: ProcessLimits): string[] {
  return descriptors === undefined ? [] : ['sh', '-c', `ulimit -n ${descriptors} && exec "$@"`, 'sh']
}

async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error('the process has no output')
  const [out, err, [code]] = await Promise.all([text(stdout), text(stderr), once(child, 'close')])
  return { code, stdout: out, stderr: err }
}

async function readUrl({ stdout }: ChildProcess): Promise<string> {
  let said = ''
  return await new Promise(resolve => {
    stdout?.on('data', (chunk: Buffer) => {
      said += chunk
      const [, url] = /ready at (http:\S+)/.exec(said) ?? []
      if (url) resolve(url)
    })
  })
}
