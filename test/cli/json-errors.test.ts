/** With `--json` an error is one JSON object on stderr, whatever command it is of and whatever went wrong. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendJson, startFakeRegistry } from './fake-registry.ts'
import { type Desk, run, startDesk } from './support.ts'

let desk: Desk

beforeAll(async () => {
  desk = await startDesk()
  await desk.json('model', 'create', '-n', 'resnet')
})

afterAll(() => desk[Symbol.asyncDispose]())

/** Parses all that is on stderr, as `jq` would. */
async function fail(...args: string[]) {
  const { code, stdout, stderr } = await desk.holotype(...args, '--json')
  expect(stdout).toBe('')
  const error = JSON.parse(stderr)
  expect(error.exitCode).toBe(code)
  expect(error.message).not.toMatch(/^error|\n/)
  return error
}

const cases: Array<[exitCode: number, code: string, message: string, args: string[]]> = [
  [2, 'usage', "unknown command 'modle'", ['modle']],
  [2, 'usage', "unknown option '--nme'", ['model', 'list', '--nme', 'x']],
  [2, 'usage', "missing required argument 'model'", ['model', 'get']],
  [2, 'usage', 'It must be a whole number.', ['model', 'list', '--limit', '-1']],
  [2, 'usage', 'limit must be a whole number from 1 to 120', ['model', 'list', '--limit', '5000']],
  [2, 'usage', 'the URL must read like', ['model', 'list', '--url', 'ftp://x']],
  [2, 'usage', 'the bytes of a file are no JSON', ['file', 'cat', 'resnet', 'w']],
  [2, 'usage', 'there is no file or folder', ['push', 'no/such/file', 'resnet']],
  [3, 'denied', 'the API key has characters that no key has', ['model', 'list', '--api-key', 'a b']],
  [3, 'denied', 'this is not a Holotype API key', ['model', 'list', '--api-key', 'ht_x']],
  [4, 'missing', 'there is no model called "nope"', ['model', 'get', 'nope']],
  [4, 'missing', 'has no version "7"', ['version', 'get', 'resnet@7']],
  [5, 'conflict', 'the name "resnet" belongs to model', ['model', 'create', '-n', 'resnet']],
  [7, 'unreachable', 'nothing listens there', ['model', 'list', '--url', 'http://127.0.0.1:1']],
  [2, 'usage', "unknown option '--json'", ['serve', '--port', '99999']],
  [1, 'failed', '', ['verify', '--data-dir', '/nonexistent/data']],
  [1, 'failed', '', ['backup', '/nonexistent/backup', '--data-dir', '/nonexistent/data']],
  [1, 'failed', '', ['restore', '/nonexistent/backup', '--data-dir', '/nonexistent/data']],
]

test.each(cases)('exit code %d, %s: %s', async (exitCode, code, message, args) => {
  const error = await fail(...args)
  if (code !== 'failed') expect(error).toMatchObject({ exitCode, code })
  expect(error.message).toContain(message)
})

test('says what the registry said, and what to do', async () => {
  expect(await fail('version', 'get', 'resnet@7')).toMatchObject({
    registry: { status: 404, code: 'NOT_FOUND', requestId: expect.any(String) },
  })
  expect(await fail('model', 'get', 'nope')).toEqual({
    code: 'missing',
    message: 'there is no model called "nope"',
    advice: 'See which there are: holotype model list',
    exitCode: 4,
  })
})

test('lists every field that is wrong', async () => {
  await using registry = await startFakeRegistry([], (_request, response) => {
    const problems = [1, 2].map(number => ({ field: `f${number}`, message: 'is\u001b[31m wrong' }))
    response.setHeader('retry-after', '3600')
    sendJson(response, 400, { code: 'BAD_REQUEST', message: 'two things', details: { problems } })
    return true
  })
  const { stderr } = await run(['model', 'list', '--json'], { env: { ...desk.env, HOLOTYPE_URL: registry.url } })
  expect(stderr).not.toContain('\u001b')
  expect(JSON.parse(stderr)).toMatchObject({
    code: 'usage',
    details: [
      { field: 'f1', message: 'is\u001b[31m wrong' },
      { field: 'f2', message: 'is\u001b[31m wrong' },
    ],
    registry: { retryAfterSeconds: 3600 },
  })
})

describe('what is said beside the answer', () => {
  test('is in the error', async () => {
    const source = await desk.write('large', { w: 'x' })
    await using registry = await startFakeRegistry([], ({ method }, response) => {
      if (method === 'POST') sendJson(response, 200, { version: '1', modelId: 'mofake000000000', isCommitted: false })
      else if (method === 'PUT') sendJson(response, 413, { code: 'PAYLOAD_TOO_LARGE', message: 'too large' })
      else return false
      return true
    })
    const env = { ...desk.env, HOLOTYPE_URL: registry.url }
    const { code, stderr } = await run(['push', source, 'fake', '--json'], { env })
    const error = JSON.parse(stderr)
    expect(error).toMatchObject({ code: 'failed', message: '"w": too large', exitCode: code })
    expect(error.notes.join('\n')).toMatch(/holotype push .* --version 1/)
  })

  test('comes as lines when all went well', async () => {
    const source = await desk.write('extra', { a: '1' })
    await desk.json('push', source, 'extra', '--create')
    const target = await desk.write('extra-back', { b: '2' })
    const { code, stderr } = await desk.holotype('pull', 'extra', target, '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Not part of the version, and left alone: 1 file (b)\n' })
  })
})

test('without --json, and after "--", it is a line', async () => {
  expect((await desk.holotype('model', 'get', 'nope')).stderr).toMatch(/^error: there is no model called "nope"\n/)
  expect((await desk.holotype('model', 'get', '--', '--json')).stderr).toMatch(
    /^error: there is no model called "--json"\n/,
  )
})

describe('a person is told in words that person has used', () => {
  test('the name of the model, not its id', async () => {
    for (const args of [
      ['version', 'get', 'resnet@7'],
      ['pull', 'resnet@staging'],
      ['version', 'commit', 'resnet@9'],
    ]) {
      const { code, stderr } = await desk.holotype(...args)
      expect(code).toBe(4)
      expect(stderr).toContain('"resnet"')
      expect(stderr).not.toMatch(/"mo[0-9a-z]{13}"/)
    }
  })

  test('a key that is not right is not answered with "log in"', async () => {
    const { code, stdout, stderr } = await desk.holotype('login', 'abc')
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).not.toContain('holotype login')
    expect(stderr).toContain('Copy it again: a key reads ht_<id>_<secret>.')
    expect(stderr).not.toContain('abc')
  })

  test('a text on stdin that is no key is not read to its end', async () => {
    const { code, stderr } = await run(['login', '-'], { env: desk.env, input: 'x'.repeat(1_000_000) })
    expect(code).toBe(3)
    expect(stderr).toContain('too long for an API key')
  })
})

test('what can be typed again means the same to a shell', async () => {
  const source = await desk.write("it's $HOME `x` \u0007 \\", { w: 'x' })
  await using registry = await startFakeRegistry([], ({ method }, response) => {
    if (method === 'POST') sendJson(response, 200, { version: '1', modelId: 'mofake000000000', isCommitted: false })
    else if (method === 'PUT') sendJson(response, 400, { code: 'BAD_REQUEST', message: 'no' })
    else return false
    return true
  })
  const { stderr } = await run(['push', source, 'fake'], { env: { ...desk.env, HOLOTYPE_URL: registry.url } })
  const [, command = ''] = /holotype push (.*) mofake/.exec(stderr) ?? []
  const { execFileSync } = await import('node:child_process')
  expect(execFileSync('bash', ['-c', `printf %s ${command}`]).toString()).toBe(source)
  expect(join(source, 'w')).toContain('\u0007')
})
