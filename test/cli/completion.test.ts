/** What a shell offers, asked of the real shells where they are installed. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from './support.ts'

const exec = promisify(execFile)
const isInstalled = (shell: string) =>
  (process.env['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, shell)))

let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holotype-completion-'))
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout, stderr } = await run(['completion', shell])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    await writeFile(join(dir, shell), stdout)
  }
  await writeFile(join(dir, 'weights.bin'), '')
  await writeFile(join(dir, 'we ird.bin'), '')
})

afterAll(() => rm(dir, { recursive: true, force: true }))

/** Each shell answers what it offers for a line; the last word is the one that is completed. */
const SHELLS: Record<string, (words: string[]) => Promise<string[]>> = {
  async bash(words) {
    const script = `source ./bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _holotype; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = await exec('bash', ['--norc', '-c', script, 'bash', 'holotype', ...words], { cwd: dir })
    return stdout.split('\n').filter(line => line !== '')
  },
  async zsh(words) {
    // Without a terminal there is no real completion: what it would offer is collected where it is described.
    const script = `
      compdef() { :; }; _files() { print -l -- *(N); }
      _describe() { [[ $1 == -o ]] && shift; print -l -- "\${(@)\${(@P)2}%%:*}"; }
      compadd() { shift; print -l -- "$@"; }
      source ./zsh; words=(holotype "$@"); CURRENT=$#words; PREFIX="$words[-1]"; _holotype`
    const { stdout } = await exec('zsh', ['-f', '-c', script, 'zsh', ...words], { cwd: dir })
    const last = words.at(-1) ?? ''
    return stdout.split('\n').filter(line => line !== '' && line.startsWith(last))
  },
  async fish(words) {
    const script = `source ./fish; complete -C "$LINE"`
    const { stdout } = await exec('fish', ['--no-config', '-c', script], {
      cwd: dir,
      env: { ...process.env, LINE: ['holotype', ...words].join(' ') },
    })
    return stdout.split('\n').flatMap(line => line.split('\t')[0] || [])
  },
}

describe.each(Object.keys(SHELLS))('%s', shell => {
  const offers = (...words: string[]) => SHELLS[shell]?.(words) ?? []

  test.skipIf(!isInstalled(shell))('offers commands, options, choices and files, each where it belongs', async () => {
    expect(await offers('mo')).toEqual(['model'])
    expect(await offers('')).toEqual(expect.arrayContaining(['push', 'pull', 'model', 'serve', 'completion', 'doctor']))
    expect(await offers('model', 'de')).toEqual(['delete'])
    expect(await offers('model', '')).toEqual(expect.arrayContaining(['list', 'ls', 'rm']))
    expect(await offers('model', 'ls', '--sea')).toEqual(['--search'])
    expect(await offers('--json', 'model', 'list', '--as')).toEqual(['--asc'])
    expect(await offers('push', '--ali')).toEqual(['--alias'])
    expect((await offers('key', 'create', '--role', '')).toSorted()).toEqual(['admin', 'reader', 'writer'])
    expect(await offers('push', 'wei')).toEqual(['weights.bin'])
    expect(await offers('model', 'get', 'wei')).toEqual([])
    expect(await offers('push', 'model', '--ali')).toEqual(['--alias'])
  })
})

test('bash takes a file with a space as one', async () => {
  expect(await SHELLS['bash']?.(['push', 'we'])).toEqual(expect.arrayContaining(['we ird.bin', 'weights.bin']))
})

test('another shell is wrong usage', async () => {
  expect(await run(['completion', 'tcsh'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Allowed choices are bash, zsh, fish'),
  })
})
