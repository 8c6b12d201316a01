/** What `holotype doctor` looks at. Each check says what it found, and what to do where that is no good. */
import { type Connection, createClient, dataOf } from '../../client/client.ts'
import { ApiError, ConnectionError } from '../../client/errors.ts'
import { openRequest, readText, receiveHead, toHeaders } from '../../client/transport.ts'
import { showBytes } from '../show.ts'

export interface Check {
  name: string
  state: 'ok' | 'warn' | 'fail'
  found: string
  /** Where it is not ok. */
  advice?: string
}

/** One answer of the registry, as far as the checks need it. */
export interface Probe {
  status: number
  headers: Headers
  body: string
  /** In ms. */
  took: number
}

const PROBE_MS = 10_000

/** Asks for a path outside the API, which needs no key. Throws a `ConnectionError`, or an `ApiError` for an answer without end. */
export async function probe(connection: Connection, path: string, signal: AbortSignal): Promise<Probe> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)])
  const started = performance.now()
  try {
    const target = new URL(`${connection.url}${path}`)
    const request = openRequest({ ...connection, key: undefined }, target, { method: 'GET', signal: patience })
    request.end()
    const response = await receiveHead(request, connection, patience)
    const took = performance.now() - started
    const body = await readText(response, connection)
    return { status: response.statusCode ?? 0, headers: toHeaders(response), body, took }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw patience.aborted ? new ConnectionError(connection.url, `no answer within ${PROBE_MS / 1000} s`) : error
  }
}

export function checkReach({ status, headers, body, took }: Probe): Check {
  const name = 'reach'
  if (status === 200 && readStatus(body) === 'ok') {
    return { name, state: 'ok', found: `answers within ${Math.ceil(took)} ms` }
  }
  const target = headers.get('location')
  const found = `what answers is no Holotype registry (status ${status}${target === null ? '' : `, sends to ${target}`})`
  return { name, state: 'fail', found, advice: 'Check the URL; a proxy in between may answer in its place.' }
}

function readStatus(body: string): unknown {
  try {
    return JSON.parse(body)?.status
  } catch {
    return undefined
  }
}

export function checkVersions({ body }: Probe, ours: string): Check {
  const name = 'versions'
  const theirs = readVersion(body)
  if (theirs === undefined) {
    return { name, state: 'warn', found: `this is ${ours}; the registry does not say its version`, advice: UPDATE }
  }
  const found = `this is ${ours}, the registry ${theirs}`
  const release = (version: string) => version.split('.').slice(0, 2).join('.')
  if (release(ours) === release(theirs)) return { name, state: 'ok', found }
  return { name, state: 'warn', found, advice: UPDATE }
}

const UPDATE = 'Bring both to the same release: some commands may need what the other does not have yet.'

function readVersion(body: string): string | undefined {
  try {
    const { version } = JSON.parse(body).info
    return typeof version === 'string' ? version.slice(0, 40) : undefined
  } catch {
    return undefined
  }
}

/** Beyond this, in s, expiries and signed URLs go wrong. */
const CLOCK_MAX = 60

export function checkClock({ headers, took }: Probe, now: number): Check {
  const name = 'clock'
  const theirs = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(theirs))
    return { name, state: 'warn', found: 'the registry does not say its time', advice: SET_CLOCKS }
  // Its time is in whole seconds, and was said some time ago.
  const seconds = Math.round((now - took / 2 - (theirs + 500)) / 1000)
  const words = seconds > 0 ? 'ahead of' : 'behind'
  const found = Math.abs(seconds) < 2 ? "agrees with the registry's" : `${Math.abs(seconds)} s ${words} the registry's`
  if (Math.abs(seconds) <= CLOCK_MAX) return { name, state: 'ok', found }
  return { name, state: 'warn', found, advice: SET_CLOCKS }
}

const SET_CLOCKS = 'Let both machines set their clocks by NTP: keys and uploads end at set times.'

export function checkHealth({ status }: Probe): Check {
  const name = 'health'
  if (status === 200) return { name, state: 'ok', found: 'database and stores answer' }
  const advice = 'Look into its log; whoever runs it finds the reason there.'
  return { name, state: 'fail', found: `the registry says that it is not ready (status ${status})`, advice }
}

export function checkLimits({ headers }: Probe): Check {
  const policy = headers.get('ratelimit-policy')
  return { name: 'limits', state: 'ok', found: policy === null ? 'none announced' : policy.slice(0, 200) }
}

export function checkProxies({ headers }: Probe, { proxies = {} }: Connection): Check {
  const set = Object.keys(proxies)
  const via = headers.get('via')
  const found = [
    set.length > 0 ? `${set.join(', ')} in the environment` : 'none in the environment',
    ...(via === null ? [] : [`answers come via ${via.slice(0, 100)}`]),
  ].join('; ')
  return { name: 'proxies', state: 'ok', found }
}

/** Who the key is, and what it may do. */
export async function checkKey(connection: Connection, signal: AbortSignal): Promise<Check[]> {
  const client = createClient({ ...connection, signal })
  try {
    const { data: session } = await client.GET('/v1/auth/session')
    if (!session) return [keyRefused('the registry does not know this API key')]
    const { team, user } = session
    const name = [user.firstName, user.lastName].filter(part => part !== null).join(' ')
    const key: Check = { name: 'key', state: 'ok', found: `${name || user.id} of the team ${team.namespace}` }
    return [key, await checkRole(client, connection), await checkStorage(client)]
  } catch (error) {
    if (error instanceof ApiError) return [keyRefused(error.message)]
    throw error
  }
}

function keyRefused(found: string): Check {
  return { name: 'key', state: 'fail', found, advice: 'Log in with a valid key: holotype login' }
}

type Client = ReturnType<typeof createClient>

/** Only an admin sees the list of keys; to others the refusal says what they are. */
async function checkRole(client: Client, { key = '' }: Connection): Promise<Check> {
  const name = 'role'
  try {
    const { items } = await dataOf(client.GET('/v1/api-keys', { params: { query: { limit: 1000 } } }))
    const own = items.find(({ id }) => key.startsWith(`ht_${id}_`))
    if (!own?.dtExpires) return { name, state: 'ok', found: own ? `${own.role}, without end` : 'admin' }
    return checkExpiry(`${own.role}, until ${own.dtExpires}`, Date.parse(own.dtExpires))
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const role = /this key is an? (\w+)/.exec(error.message)?.[1]
    return { name, state: 'ok', found: role ?? 'no admin' }
  }
}

const SOON_MS = 7 * 86_400_000

function checkExpiry(found: string, end: number): Check {
  if (end - Date.now() > SOON_MS) return { name: 'role', state: 'ok', found }
  return { name: 'role', state: 'warn', found, advice: 'An admin can make a new one: holotype key create' }
}

async function checkStorage(client: Client): Promise<Check> {
  const name = 'storage'
  try {
    const { items } = await dataOf(client.GET('/v1/storage-providers'))
    const [main] = items.filter(provider => provider.isTeamDefault)
    if (!main) return { name, state: 'warn', found: 'the team has no default storage provider', advice: 'Make one.' }
    return { name, state: 'ok', found: `new bytes go to ${main.name} (${main.id})` }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { name, state: 'warn', found: error.message, advice: 'Look into the log of the registry.' }
  }
}

/** Room for what a pull brings, on the disk that the command runs on. */
export function describeRoom(bytes: number): Check {
  const found = `${showBytes(bytes)} free in this folder`
  if (bytes >= 2 ** 30) return { name: 'disk', state: 'ok', found }
  return { name: 'disk', state: 'warn', found, advice: 'A pull may need more room.' }
}
