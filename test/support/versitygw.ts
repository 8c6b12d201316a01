/** A real S3 server for tests: versitygw, in a temporary directory and on a free loopback port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { findFreePort } from './free-port.ts'

export const NO_VERSITYGW =
  'no versitygw on this machine: go install github.com/versity/versitygw/cmd/versitygw@v1.8.0 (or name it with HOLOTYPE_VERSITYGW)'

/** The root user of every server that is started here. */
export const VERSITYGW_CREDENTIALS = { accessKeyId: 'holotype', secretAccessKey: 'holotype-test-secret' }

export interface Versitygw {
  endpoint: string
  close(): Promise<void>
}

/** The program, undefined when this machine has none. */
export function findVersitygw(): string | undefined {
  return findProgram('versitygw', 'HOLOTYPE_VERSITYGW')
}

/** Named by a variable, in PATH, where `.ci/run` puts it or where Go does. */
export function findProgram(name: string, variable: string): string | undefined {
  const named = process.env[variable]
  if (named) return named
  const go = process.env['GOBIN'] ?? join(process.env['GOPATH'] ?? join(homedir(), 'go'), 'bin')
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(process.cwd(), '.cache/bin'), go]
  return folders.map(folder => join(folder, name)).find(path => existsSync(path))
}

export async function startVersitygw(): Promise<Versitygw> {
  const program = findVersitygw()
  if (program === undefined) throw new Error(NO_VERSITYGW)
  const directory = await mkdtemp(join(tmpdir(), 'holotype-versitygw-'))
  for (const name of ['data', 'iam']) await mkdir(join(directory, name))
  const port = await findFreePort()
  const server = spawn(
    program,
    ['--quiet', '--keep-alive', '--port', `127.0.0.1:${port}`, 'posix', join(directory, 'data')],
    {
      cwd: directory,
      env: {
        PATH: process.env['PATH'],
        ROOT_ACCESS_KEY: VERSITYGW_CREDENTIALS.accessKeyId,
        ROOT_SECRET_KEY: VERSITYGW_CREDENTIALS.secretAccessKey,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  const close = async () => {
    await end(server)
    await rm(directory, { recursive: true, force: true })
  }
  // However this process ends, the server ends with it.
  process.once('exit', () => server.kill('SIGKILL'))
  try {
    await waitForPort(port, server)
    return { endpoint: `http://127.0.0.1:${port}`, close }
  } catch (error) {
    await close()
    throw error
  }
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

export async function waitForPort(port: number, child: ChildProcess): Promise<void> {
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk).slice(-2000)
  })
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`the server has ended: ${said}`)
    if (await answers(port)) return
    await setTimeout(50)
  }
  throw new Error(`the server does not answer: ${said}`)
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}
