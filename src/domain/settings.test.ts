import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeStrayVariables, SETTINGS } from './settings.ts'

test.each([
  ['HOLOTYPE_DATADIR', 'HOLOTYPE_DATA_DIR'],
  ['HOLOTYPE_DATA_DIRECTORY', 'HOLOTYPE_DATA_DIR'],
  ['HOLOTYPE_DB_URL', 'HOLOTYPE_DATABASE_URL'],
  ['HOLOTYPE_LOGLEVEL', 'HOLOTYPE_LOG_LEVEL'],
  ['HOLOTYPE_MAX_FILE_SIZE', 'HOLOTYPE_MAX_FILE_BYTES'],
  ['HOLOTYPE_APIKEY', 'HOLOTYPE_API_KEY'],
  ['holotype_host', 'HOLOTYPE_HOST'],
  ['Holotype_Port', 'HOLOTYPE_PORT'],
  ['HOLOTYPE-PORT', 'HOLOTYPE_PORT'],
  ['HOLOYTPE_PUBLIC_URL', 'HOLOTYPE_PUBLIC_URL'],
  ['HOLTYPE_DRAIN_SECONDS', 'HOLOTYPE_DRAIN_SECONDS'],
])('%s is told to be no setting, with %s beside it', (typed, meant) => {
  const [line, ...more] = describeStrayVariables({ [typed]: 'a secret perhaps' })
  expect(more).toEqual([])
  expect(line).toBe(`${typed} is no setting and has no effect; did you mean ${meant}?`)
})

test('a name that is like no setting gets no guess', () => {
  const [line] = describeStrayVariables({ HOLOTYPE_KUBERNETES_CLUSTER: 'x' })
  expect(line).toContain('HOLOTYPE_KUBERNETES_CLUSTER is no setting')
  expect(line).not.toContain('did you mean')
})

test('settings, empty variables and those of other programs are passed over in silence', () => {
  const settings = Object.fromEntries(SETTINGS.map(name => [name, 'x']))
  expect(
    describeStrayVariables({ ...settings, HOLOTYPE_NOTHING: '', HOLOTYPE_BLANK: ' ', PATH: '/bin', HOLO: 'x' }),
  ).toEqual([])
})

// As the documentation of Kubernetes and Docker shows them.
const SERVICE = {
  HOLOTYPE_SERVICE_HOST: '10.0.0.11',
  HOLOTYPE_SERVICE_PORT: '8080',
  HOLOTYPE_SERVICE_PORT_HTTP: '8080',
  HOLOTYPE_PORT: 'tcp://10.0.0.11:8080',
  HOLOTYPE_PORT_8080_TCP: 'tcp://10.0.0.11:8080',
  HOLOTYPE_PORT_8080_TCP_PROTO: 'tcp',
  HOLOTYPE_PORT_8080_TCP_PORT: '8080',
  HOLOTYPE_PORT_8080_TCP_ADDR: '10.0.0.11',
}
const NAMED_SERVICE = Object.fromEntries(
  Object.entries(SERVICE).map(([name, value]) => [name.replace('HOLOTYPE_', 'HOLOTYPE_DB_'), value]),
)
const LINK = { ...SERVICE, HOLOTYPE_NAME: '/web/holotype', HOLOTYPE_ENV_PATH: '/bin' }

test.each([
  ['a Service', SERVICE, 8],
  ['a Service beside it', NAMED_SERVICE, 8],
  ['a linked container', LINK, 10],
  ['a Service of which the container has the port set', { ...SERVICE, HOLOTYPE_PORT: '9000' }, 7],
])('what %s fills in is one line', (_what, env, names) => {
  const lines = describeStrayVariables(env)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(new RegExp(`^HOLOTYPE_\\w+ and ${names - 1} more like it come from the platform`))
})

test('a mistyped name beside a Service has its own line', () => {
  expect(describeStrayVariables({ ...SERVICE, HOLOTYPE_DATADIR: 'x' })).toHaveLength(2)
})

test('every variable that the code reads is in the list, README tells them all, and no other', async () => {
  const sources = await readdir('src', { recursive: true })
  const files = sources.filter(file => file.endsWith('.ts') && !/(settings|\.test)\.ts$/.test(file))
  const texts = await Promise.all(files.map(file => readFile(join('src', file), 'utf8')))
  const read = texts.flatMap(text => [...text.matchAll(/'(HOLOTYPE_[A-Z0-9_]+)'/g)].map(([, name]) => name))
  expect([...new Set(read)].toSorted()).toEqual([...SETTINGS])
  const told = (await readFile('README.md', 'utf8')).match(/HOLOTYPE_[A-Z0-9_]+/g)
  expect([...new Set(told)].toSorted()).toEqual([...SETTINGS])
})
