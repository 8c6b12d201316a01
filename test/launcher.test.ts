import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'

/** A folder with the launcher and, in the place of Holotype, the given program. */
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holotype-launcher-'))
  cpSync('bin', join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
})

afterEach(() => rmSync(folder, { recursive: true }))

test('passes arguments and exit code through, without a warning', async () => {
  writeMain('const args: string[] = process.argv.slice(2); console.log(args.join()); process.exitCode = 7')
  expect(await outcome(launch(['a', 'b']))).toEqual({ code: 7, stdout: 'a,b\n', stderr: '' })
})

test('a Node that is too old says so', async () => {
  writeMain('console.log("started")')
  expect(await outcome(launch([], { oldNode: true }))).toEqual({
    code: 1,
    stdout: '',
    stderr: 'Holotype needs Node 24 or newer, and this is Node 20.1.0.\n',
  })
})

test('a Node that is too old hands over to the pinned one, with signals and exit code', async () => {
  writeMain('setInterval(() => {}, 1000); process.on("SIGTERM", () => process.exit(9)); console.log(process.argv[2])')
  mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true })
  symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'))
  const launcher = launch(['ready'], { oldNode: true })
  launcher.stdout.once('data', () => launcher.kill('SIGTERM'))
  expect(await outcome(launcher)).toEqual({ code: 9, stdout: 'ready\n', stderr: '' })
})

test('when the launcher is killed, what it handed over to ends as well', async () => {
  writeMain('setInterval(() => {}, 1000); console.log("ready")')
  mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true })
  symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'))
  const launcher = launch([], { oldNode: true })
  launcher.stdout.once('data', () => launcher.kill('SIGKILL'))
  // The pipe ends when the last process that writes to it has ended.
  expect(await text(launcher.stdout)).toBe('ready\n')
})

function writeMain(program: string) {
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'src/main.ts'), program)
}

function launch(args: string[], { oldNode = false } = {}) {
  const pretend = 'data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"20.1.0"}})'
  const nodeArgs = oldNode ? ['--import', pretend] : []
  return spawn(process.execPath, [...nodeArgs, join(folder, 'bin/holotype.js'), ...args], { stdio: 'pipe' })
}

async function outcome(child: ReturnType<typeof launch>) {
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, stdout, stderr }
}
