import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const HOME = homedir()

test.for([
  [{ HOLOTYPE_DATA_DIR: '~/models' }, `a shell only; write ${join(HOME, 'models')}`],
  [{ HOLOTYPE_DATA_DIR: '~' }, `a shell only; write ${HOME}`],
  [{ HOLOTYPE_DATA_DIR: '~someone/models' }, 'a shell only; write the whole path'],
  [{ HOLOTYPE_DATA_DIR: '$HOME/models' }, '$HOME was not replaced by its value'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a service file holds.
  [{ HOLOTYPE_DATA_DIR: '${HOME}/models' }, 'was not replaced by its value'],
  [{ HOLOTYPE_DATA_DIR: '%USERPROFILE%/models' }, '%USERPROFILE% was not replaced by its value'],
  [{ HOLOTYPE_DATA_DIR: 'file:///srv/models' }, 'HOLOTYPE_DATA_DIR must be a path'],
  [{ HOLOTYPE_DATA_DIR: '"/srv/models"' }, 'quotation mark'],
  [{ HOLOTYPE_PORT: "'8080'" }, 'quotation mark'],
  [{ HOLOTYPE_PORT: '8080 # the usual one' }, 'comment after its value'],
  [{ HOLOTYPE_PORT: ':8080' }, 'a whole number from 0 to 65535, not ":8080"'],
  [
    { HOLOTYPE_MAX_FILE_BYTES: '10GB' },
    'a whole number of bytes from 1 to 9007199254740991, not "10GB"; 10GB is 10000000000',
  ],
  [{ HOLOTYPE_MAX_FILE_BYTES: '1.5 GiB' }, '1.5 GiB is 1610612736'],
  [{ HOLOTYPE_MAX_FILE_BYTES: '1_000' }, 'not "1_000"'],
  [{ HOLOTYPE_MAX_FILE_BYTES: '1e9' }, 'not "1e9"'],
  [{ HOLOTYPE_DRAIN_SECONDS: '60s' }, 'a whole number of seconds from 0 to 86400, not "60s"; 60s is 60'],
  [{ HOLOTYPE_DRAIN_SECONDS: '2m' }, '2m is 120'],
  [{ HOLOTYPE_LOG_LEVEL: 'INFO' }, 'must be one of fatal, error, warn, info'],
  [{ HOLOTYPE_HOST: 'http://0.0.0.0' }, 'HOLOTYPE_HOST must be an address'],
  [{ HOLOTYPE_HOST: '0.0.0.0:8080' }, 'the port is HOLOTYPE_PORT'],
  [{ HOLOTYPE_HOST: '127.0.0.1, ::1' }, 'HOLOTYPE_HOST must be an address'],
  [{ HOLOTYPE_HOST: '[::1]' }, 'without brackets: HOLOTYPE_HOST=::1'],
  [{ HOLOTYPE_PUBLIC_URL: 'models.example.com' }, 'https://models.example.com'],
  [{ HOLOTYPE_PUBLIC_URL: 'https://me:hunter2@example.com' }, 'without user, password, query or fragment'],
] satisfies Array<[Record<string, string>, string]>)(
  '%j keeps a command from running, with a sentence',
  async ([env, sentence], { expect }) => {
    const message = refusalOf(env)
    expect(message).toMatch(/^HOLOTYPE_[A-Z_]+[: ]/)
    expect(message).toContain(sentence)
    expect(message).not.toContain('hunter2')
  },
)

test.for([
  { HOLOTYPE_DATABASE_URL: '"postgresql://holotype:hunter22@db/holotype"' },
  { HOLOTYPE_ADMIN_KEY: `'ht_ak0lifecycle000_${'hunter22'.repeat(5)}'` },
])('a value that may be a secret is not repeated (%#)', (env, { expect }) => {
  const message = refusalOf(env)
  expect(message).toContain('has a quotation mark in its value')
  expect(message).not.toContain('hunter22')
})

test.for(['0.0.0.0', '::', '::1', 'fe80::1%eth0', '::ffff:127.0.0.1', 'localhost', 'models-1.example.com'])(
  '%s is an address to listen on',
  (host, { expect }) => {
    expect(readConfig({ HOLOTYPE_HOST: host }).host).toBe(host)
  },
)

test('white space around a value, an empty value and unusual paths are no reason to refuse', () => {
  const config = readConfig({
    HOLOTYPE_PORT: ' 9000\r',
    HOLOTYPE_HOST: '',
    HOLOTYPE_DATA_DIR: '/srv/my #1 models/~/100%',
  })
  expect(config).toMatchObject({ port: 9000, host: '127.0.0.1', dataDir: '/srv/my #1 models/~/100%' })
})

test('an address from Kubernetes is no port', () => {
  for (const value of ['tcp://10.0.0.11:8080', 'udp://[fd00::1]:53', 'TCP://10.0.0.11:80']) {
    expect(readConfig({ HOLOTYPE_PORT: value }).port).toBe(8080)
  }
})

function refusalOf(env: Record<string, string>): string {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
  }
  throw new Error('the setting was not refused')
}
