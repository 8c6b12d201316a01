/** What can't be undone is done only when somebody has said so. */
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli } from '../../src/cli/cli.ts'
import { type Desk, run, startDesk } from './support.ts'

let desk: Desk
/** For each destructive command: its arguments, what it says it would do, and a look at what it would take away. */
let cases: Record<string, { args: string[]; deed: string; look: string[] }>

beforeAll(async () => {
  desk = await startDesk()
  const source = await desk.write('m', { 'a/b.bin': '1' })
  const { model } = await desk.json('push', source, 'm', '--create', '--alias', 'prod')
  await desk.json('push', source, 'm', '--draft')
  const user = await desk.json('user', 'create', 'Robot')
  const key = await desk.json('key', 'create', '-n', 'its', '--role', 'reader', '--user', user.id)
  const project = await desk.json('project', 'create', 'vision')
  cases = {
    'file delete': {
      args: ['m@2', 'a/b.bin'],
      deed: 'take the file "a/b.bin" out of version 2 of "m"',
      look: ['file', 'list', 'm@2'],
    },
    'alias delete': { args: ['m', 'prod'], deed: 'delete the alias "prod" of "m"', look: ['alias', 'list', 'm'] },
    'version delete': { args: ['m@2'], deed: 'delete version 2 of "m"', look: ['version', 'list', 'm'] },
    'model delete': {
      args: ['m'],
      deed: `delete the model "m" (${model.id}) and all its versions`,
      look: ['model', 'list'],
    },
    'project delete': {
      args: [project.id],
      deed: `delete the project "vision" (${project.id})`,
      look: ['project', 'list'],
    },
    'key revoke': { args: [key.id], deed: `revoke the API key ${key.id} for good`, look: ['key', 'list'] },
    'user delete': {
      args: [user.id],
      deed: `remove the user ${user.id} from the team and end all their keys`,
      look: ['user', 'list'],
    },
  }
})

afterAll(() => desk[Symbol.asyncDispose]())

/** The verbs that take something away for good, in whatever group a command with one stands. */
const DESTRUCTIVE = /^(delete|revoke|rm|destroy|purge)$/

/** What needs a store of its own to be tried, in storage-providers.test.ts. */
const ELSEWHERE = ['storage-provider delete']

test('every command that takes something away for good asks first', async () => {
  const { stdout } = await run(['--help'])
  const groups = [...stdout.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name = '']) => name)
  const found: string[] = []
  for (const noun of groups) {
    const help = (await run([noun, '--help'])).stdout
    const verbs = [...help.matchAll(/^ {2}([a-z-]+)/gm)].map(([, verb = '']) => verb)
    found.push(...verbs.filter(verb => DESTRUCTIVE.test(verb)).map(verb => `${noun} ${verb}`))
  }
  expect(found.toSorted()).toEqual([...Object.keys(cases), ...ELSEWHERE].toSorted())
})

describe.each([
  'file delete',
  'alias delete',
  'version delete',
  'model delete',
  'project delete',
  'key revoke',
  'user delete',
])('%s', command => {
  const readCase = () => cases[command] ?? { args: [], deed: '', look: [] }

  test('does nothing where nobody can be asked', async () => {
    const { args, deed, look } = readCase()
    const before = await desk.json(...look)
    expect(await desk.holotype(...command.split(' '), ...args)).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: this would ${deed}, and there is no terminal to ask on\n  Add --yes if that is meant.\n`,
    })
    expect(await desk.json(...look)).toEqual(before)
  })

  test('does nothing when the answer is no', async () => {
    const { args, deed, look } = readCase()
    const before = await desk.json(...look)
    const { code, shown } = await answer(`n`, [...command.split(' '), ...args])
    expect(code).toBe(1)
    expect(shown).toContain(`${deed.slice(1)}?`)
    expect(await desk.json(...look)).toEqual(before)
  })

  test('does it with --yes, or when the answer is yes', async () => {
    const { args, look } = readCase()
    const before = await desk.json(...look)
    if (command === 'version delete') {
      expect((await answer('y', ['version', 'delete', ...args])).code).toBe(0)
    } else {
      expect(await desk.holotype(...command.split(' '), ...args, '--yes')).toMatchObject({ code: 0, stderr: '' })
    }
    expect((await desk.json(...look)).items.length).toBe(before.items.length - 1)
  })
})

/** Runs a command at a terminal, where somebody presses one key. */
async function answer(key: string, args: string[]) {
  const terminal = { isTTY: true, columns: 80, rows: 24 }
  const stdin = Object.assign(new PassThrough(), terminal, { setRawMode: () => stdin })
  const stdout = new PassThrough()
  const stderr = Object.assign(new PassThrough(), terminal)
  let shown = ''
  stderr.on('data', chunk => {
    if (shown === '') setImmediate(() => stdin.write(key))
    shown += chunk
  })
  const code = await runCli(args, { stdin, stdout, stderr, env: desk.env })
  return { code, shown }
}
