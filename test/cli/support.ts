/** Runs the command line in this process, with its own environment and captured output. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { expect } from 'vitest'
import { runCli } from '../../src/cli/cli.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

export interface Run {
  code: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  env?: Record<string, string>
  /** What stands on stdin. */
  input?: string
  /** Whether stderr is a terminal. */
  terminal?: boolean
  /** How wide it is, and stdout with it, which is a terminal then too. */
  columns?: number
}

export async function run(
  args: string[],
  { env = {}, input = '', terminal = false, columns }: RunOptions = {},
): Promise<Run> {
  const stdout = capture()
  const stderr = capture()
  if (terminal) Object.assign(stderr.stream, { isTTY: true, columns: columns ?? 100 })
  if (columns !== undefined) Object.assign(stdout.stream, { isTTY: true, columns })
  const stdin = Readable.from([input])
  const code = await runCli(args, { stdin, stdout: stdout.stream, stderr: stderr.stream, env })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

function capture() {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  return { stream, text: () => Buffer.concat(chunks).toString() }
}

export interface Desk extends AsyncDisposable {
  registry: TestRegistry
  /** Without `/v1`. */
  url: string
  /** A folder to work in, removed at the end. */
  dir: string
  /** Of whoever is at the desk: the admin, whose key no output may show. */
  env: Record<string, string>
  holotype(...args: string[]): Promise<Run>
  /** Runs with `--json`, expects success and answers what the answer parses to. */
  json(...args: string[]): Promise<ReturnType<typeof JSON.parse>>
  /** Writes files below `dir`, and answers the path of the folder `name` in it. */
  write(name: string, files: Record<string, string | Buffer>): Promise<string>
}

/** A registry that listens, a folder, and the admin's key in the environment. */
export async function startDesk(settings: Record<string, string> = {}): Promise<Desk> {
  const registry = await startRegistry(settings)
  const url = (await registry.listen()).replace(/\/v1$/, '')
  const dir = await mkdtemp(join(tmpdir(), 'holotype-cli-'))
  const key = registry.admin.key ?? ''
  const env = {
    HOLOTYPE_URL: url,
    HOLOTYPE_API_KEY: key,
    XDG_CONFIG_HOME: join(dir, '.config'),
    XDG_STATE_HOME: join(dir, '.state'),
  }
  const holotype = async (...args: string[]) => {
    const result = await run(args, { env })
    expect(result.stdout + result.stderr, 'the key is never shown').not.toContain(key)
    expect(result.stdout + result.stderr, 'no escape codes where there is no terminal').not.toContain('\u001b')
    return result
  }
  return {
    registry,
    url,
    dir,
    env,
    holotype,
    async json(...args) {
      const result = await holotype(...args, '--json')
      expect(result.code, result.stderr).toBe(0)
      return JSON.parse(result.stdout)
    },
    async write(name, files) {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(dir, name, path)), { recursive: true })
        await writeFile(join(dir, name, path), content)
      }
      return join(dir, name)
    },
    async [Symbol.asyncDispose]() {
      await registry.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Every file below a folder, with its bytes. */
export async function readTree(root: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {}
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    tree[relative(root, file)] = (await readFile(file)).toString('latin1')
  }
  return tree
}
