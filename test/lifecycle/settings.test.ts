import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run, serve } from './server-process.ts'

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'holotype-settings-'))
})

afterEach(() => rm(dataDir, { recursive: true, force: true }))

test('a start says which variables have no effect, and starts', async () => {
  await using server = await serve(dataDir, { HOLOTYPE_DATADIR: '/elsewhere', holotype_log_level: 'debug' })
  await server.end('SIGTERM')
  expect((await server.output()).stderr).toBe(
    'warning: HOLOTYPE_DATADIR is no setting and has no effect; did you mean HOLOTYPE_DATA_DIR?\n' +
      'warning: holotype_log_level is no setting and has no effect; did you mean HOLOTYPE_LOG_LEVEL?\n',
  )
})

test('a client command says so too, and a secret in such a variable is not shown', async () => {
  const { stderr } = await run(['model', 'list', '--url', 'http://127.0.0.1:9'], { HOLOTYPE_API_KYE: 'ht_secret' })
  expect(stderr).toContain('warning: HOLOTYPE_API_KYE is no setting and has no effect; did you mean HOLOTYPE_API_KEY?')
  expect(stderr).not.toContain('ht_secret')
})

test('a Kubernetes Service called holotype does not keep the server from starting', async () => {
  await using server = await serve(dataDir, {
    HOLOTYPE_PORT: 'tcp://10.0.0.11:8080',
    HOLOTYPE_SERVICE_HOST: '10.0.0.11',
    HOLOTYPE_SERVICE_PORT: '8080',
    HOLOTYPE_PORT_8080_TCP_ADDR: '10.0.0.11',
  })
  expect((await fetch(`${server.url}/livez`)).status).toBe(200)
  await server.end('SIGTERM')
  const { stderr } = await server.output()
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toContain('HOLOTYPE_PORT and 3 more like it come from the platform')
})

test('a value that can not be used keeps a command from running, with a sentence', async () => {
  const { code, stdout, stderr } = await run(['verify', '--data-dir', dataDir], { HOLOTYPE_MAX_FILE_BYTES: '10GB' })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^error: HOLOTYPE_MAX_FILE_BYTES must be a whole number of bytes .*; 10GB is 10000000000\n$/)
})

test.for([
  ['backup', '~/backup-1'],
  ['restore', '~/backup-1'],
  ['backup', '$BACKUPS/1'],
])('%s refuses %s, which only a shell would understand', async ([command, path], { expect }) => {
  const { code, stderr } = await run([String(command), String(path), '--data-dir', dataDir])
  expect(code).toBe(2)
  expect(stderr).toContain('error: the backup directory: ')
  expect(await readdir(dataDir)).toEqual([])
})

test('--data-dir does not take ~ for a name either', async () => {
  const { code, stderr } = await run(['verify', '--data-dir=~/models'])
  expect(code).toBe(2)
  expect(stderr).toContain(`write ${join(homedir(), 'models')}`)
})
