/** The first `npm start` of a checkout: it shows that it is at work, and what went wrong. npm itself is played by a script. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holotype-install-'))
  for (const name of ['bin', 'scripts']) cpSync(name, join(folder, name), { recursive: true })
  write('package.json', '{ "type": "module" }')
  const packages = { '': {}, 'node_modules/a': {}, 'node_modules/b': {}, 'node_modules/c': { optional: true } }
  write('package-lock.json', JSON.stringify({ packages }))
  write('src/main.ts', 'console.log("served", ...process.argv.slice(2))')
  // What npm would bring along.
  mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true })
  symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'))
})

afterEach(() => rmSync(folder, { recursive: true }))

test('shows how many packages are there while npm works, and then serves', async () => {
  playNpm(
    'mkdir -p node_modules/a; echo "{}" >node_modules/a/package.json; sleep 2; touch node_modules/.package-lock.json',
  )
  const { code, output } = await start({ terminal: true })
  expect(code).toBe(0)
  expect(output).toContain('Installing dependencies (first start only) …')
  expect(output).toMatch(/\r\S* {2}1 of 2 packages, \d+ s/)
  expect(output).toContain('served serve --port 0')
})

test('installs once', async () => {
  playNpm('touch node_modules/.package-lock.json')
  expect((await start()).output).toContain('Installing dependencies')
  expect((await start()).output).toBe('served serve --port 0\n')
})

test('says that npm failed, after what npm said', async () => {
  playNpm('echo "npm error network: registry not found" >&2; exit 7')
  const { code, output } = await start()
  expect(code).toBe(1)
  expect(output).toMatch(/npm error network.*The dependencies could not be installed\./s)
  expect(output).not.toContain('served')
})

function write(path: string, content: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), content)
}

function playNpm(commands: string): void {
  write('path/npm', `#!/bin/sh\n${commands}\n`)
  chmodSync(join(folder, 'path/npm'), 0o755)
}

/** Runs what `npm start -- --port 0` runs. */
async function start({ terminal = false } = {}): Promise<{ code: number | null; output: string }> {
  const [command, args] = [process.execPath, ['scripts/start.js', '--port', '0']]
  const child = spawn(...(terminal ? wrapped(command, args) : ([command, args] as const)), {
    cwd: folder,
    env: { PATH: `${join(folder, 'path')}:${process.env['PATH']}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, output: `${stderr}${stdout}` }
}

/** With a terminal around it. */
function wrapped(command: string, args: string[]): [string, string[]] {
  return ['script', ['--quiet', '--return', '--command', [command, ...args].join(' '), '/dev/null']]
}
