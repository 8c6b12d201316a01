import { createServer } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { VERSION } from '../../src/app.ts'
import { type Desk, run, startDesk } from './support.ts'

let desk: Desk

beforeAll(async () => {
  desk = await startDesk()
  await desk.json('model', 'create', '-n', 'taken')
  await desk.json('model', 'create', '-n', 'empty')
})

afterAll(() => desk[Symbol.asyncDispose]())

const cases: Array<[code: number, stderr: string, args: string[]]> = [
  [2, "error: unknown command 'modle'\n(Did you mean model?)\n  See: holotype --help\n", ['modle', 'list']],
  [
    2,
    "error: unknown command 'lst'\n(Did you mean one of list, ls?)\n  See: holotype model --help\n",
    ['model', 'lst'],
  ],
  [2, "error: unknown command 'constructor'\n", ['constructor']],
  [2, "error: unknown command 'constructor'\n", ['model', 'constructor']],
  [
    2,
    "error: unknown option '--nme'\n(Did you mean --name?)\n  See: holotype model list --help\n",
    ['model', 'list', '--nme', 'x'],
  ],
  [2, "error: missing required argument 'model'\n  See: holotype model get --help\n", ['model', 'get']],
  [2, 'It must be a whole number.', ['model', 'list', '--limit', '-1']],
  [2, "error: option '--asc' cannot be used with option '--desc'\n", ['model', 'list', '--asc', '--desc']],
  [2, 'error: there is nothing to change\n', ['model', 'update', 'empty']],
  [2, 'error: say which version: empty@<number or alias>\n', ['version', 'delete', 'empty', '--yes']],
  [2, 'error: there is no file or folder', ['push', 'no/such/file', 'empty']],
  [2, 'error: the path must not have a "." or ".." segment', ['file', 'cat', 'empty', '../x']],
  [2, 'error: the URL must read like https://models.example.com\n', ['model', 'list', '--url', 'ftp://x']],
  [4, 'error: there is no model called "nope"\n  See which there are: holotype model list\n', ['model', 'get', 'nope']],
  [4, 'error: there is no model called "mo0000000000000"', ['model', 'get', 'mo0000000000000']],
  [4, 'has no committed version yet', ['pull', 'empty']],
  [5, 'error: the name "taken" belongs to model "mo', ['model', 'create', '-n', 'taken']],
  [5, 'error: the name "taken" belongs to model "mo', ['model', 'update', 'empty', '--name', 'taken']],
  [2, 'error: limit ', ['model', 'list', '--limit', '5000']],
]

test.each(cases)('code %d and a sentence: %s', async (code, stderr, args) => {
  const result = await desk.holotype(...args)
  expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(stderr) })
})

test('a key that is not allowed to is told what would be', async () => {
  const env = { ...desk.env, HOLOTYPE_API_KEY: desk.registry.reader.key ?? '' }
  expect(await run(['model', 'create', '-n', 'x'], { env })).toEqual({
    code: 3,
    stdout: '',
    stderr:
      'error: this needs a key with the role writer; this key is a reader\n  An admin can make a key that may: `holotype key create`.\n',
  })
})

test('a key that is not known is told to log in', async () => {
  const env = { ...desk.env, HOLOTYPE_API_KEY: 'ht_akabcdefghijklm_0123456789abcdef0123456789abcdef' }
  const { code, stderr } = await run(['model', 'list'], { env })
  expect(code).toBe(3)
  expect(stderr).toContain('\n  Log in with a valid key: `holotype login`.\n')
})

test('a committed version can be changed no more', async () => {
  const source = await desk.write('conflict', { a: '1' })
  await desk.json('push', source, 'empty', '--alias', 'prod')
  expect(await desk.holotype('version', 'delete', 'empty@1', '--yes')).toMatchObject({ code: 5 })
  expect(await desk.holotype('alias', 'set', 'empty', 'latest', '1')).toMatchObject({ code: 2 })
})

test('a registry that is not there is told from one that refuses', async () => {
  const port = await findFreePort()
  const env = { ...desk.env, HOLOTYPE_URL: `http://127.0.0.1:${port}` }
  expect(await run(['model', 'list'], { env })).toEqual({
    code: 7,
    stdout: '',
    stderr: `error: cannot reach http://127.0.0.1:${port}: nothing listens there\n  Is it running? \`holotype serve\` starts one here; --url names another.\n`,
  })
})

test('a registry that hangs up in the midst of it cannot be reached either', async () => {
  const server = createServer(socket => socket.destroy())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const env = { ...desk.env, HOLOTYPE_URL: `http://127.0.0.1:${port}` }
  expect(await run(['model', 'create', '-n', 'x'], { env })).toMatchObject({
    code: 7,
    stderr: expect.stringContaining('the connection broke off'),
  })
  server.close()
})

test('help is an answer, not an error, and so is the version', async () => {
  const help = await run(['--help'])
  expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Exit codes:') })
  expect(await run([])).toEqual(help)
  expect(await run(['--version'])).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' })
})

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
