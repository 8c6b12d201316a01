/** The names of all settings, and which variables around them were meant to be one. */

export type Environment = Record<string, string | undefined>

/** Every `HOLOTYPE_…` variable that something reads: the server's and the command line's. A test compares them with the code and README. */
export const SETTINGS = [
  'HOLOTYPE_ADMIN_KEY',
  'HOLOTYPE_API_KEY',
  'HOLOTYPE_CACHE_DIR',
  'HOLOTYPE_DATABASE_URL',
  'HOLOTYPE_DATA_DIR',
  'HOLOTYPE_DRAIN_SECONDS',
  'HOLOTYPE_FAILED_LOGINS_PER_MINUTE',
  'HOLOTYPE_HEADERS_SECONDS',
  'HOLOTYPE_HOST',
  'HOLOTYPE_IDLE_DOWNLOAD_SECONDS',
  'HOLOTYPE_JSON_BODY_SECONDS',
  'HOLOTYPE_KEEP_ALIVE_SECONDS',
  'HOLOTYPE_LOG_LEVEL',
  'HOLOTYPE_MAX_CONNECTIONS',
  'HOLOTYPE_MAX_CONNECTIONS_PER_ADDRESS',
  'HOLOTYPE_MAX_FILE_BYTES',
  'HOLOTYPE_MAX_OPEN_REQUESTS_PER_KEY',
  'HOLOTYPE_METRICS_OPEN',
  'HOLOTYPE_MIN_PART_BYTES',
  'HOLOTYPE_MIN_UPLOAD_BYTES_PER_MINUTE',
  'HOLOTYPE_PORT',
  'HOLOTYPE_PROFILE',
  'HOLOTYPE_PUBLIC_URL',
  'HOLOTYPE_RECLAIM_GRACE_SECONDS',
  'HOLOTYPE_REQUESTS_PER_MINUTE_PER_ADDRESS',
  'HOLOTYPE_REQUESTS_PER_MINUTE_PER_KEY',
  'HOLOTYPE_RESERVE_BYTES',
  'HOLOTYPE_S3_ALLOWED_ENDPOINTS',
  'HOLOTYPE_S3_MACHINE_BUCKETS',
  'HOLOTYPE_SECRET_KEY',
  'HOLOTYPE_TRUSTED_PROXIES',
  'HOLOTYPE_URL',
] as const

const PREFIX = 'HOLOTYPE_'
const KNOWN = new Set<string>(SETTINGS)

/** A name this far from a setting, in edits, is taken for that setting whatever its first letters are. */
const MISTYPED_WITHIN = 2

/**
 * One line for each variable that looks like a setting and is none, and one for all that a platform has filled in. No line holds a value
 * that a person has chosen: it may be a secret.
 */
export function describeStrayVariables(env: Environment): string[] {
  const names = Object.keys(env).filter(name => !KNOWN.has(name) && env[name]?.trim())
  const platform = readPlatformPrefixes(env)
  const filled = names.filter(name => platform.some(prefix => isFilledFor(prefix, name)))
  const stray = names.filter(name => !filled.includes(name) && isMeantAsSetting(name))
  return [...describeFilled(env, filled), ...stray.map(describeStray)]
}

/**
 * Whether the value is one that Kubernetes or Docker gives a variable of this name, because a Service or a linked container is called
 * `holotype`: `HOLOTYPE_PORT=tcp://10.0.0.7:8080`. It says nothing about this process.
 */
export function isPlatformAddress(value: string): boolean {
  return /^(tcp|udp|sctp):\/\//i.test(value.trim())
}

/** The variables of one Service or link all begin with its name. */
function readPlatformPrefixes(env: Environment): string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    const [, service] = /^(HOLOTYPE\w*)_SERVICE_HOST$/.exec(name) ?? []
    if (service !== undefined) return [service]
    const [, linked] = /^(HOLOTYPE\w*?)_PORT(_\d+_(TCP|UDP|SCTP))?$/.exec(name) ?? []
    return linked !== undefined && isPlatformAddress(value) ? [linked] : []
  })
}

function isFilledFor(prefix: string, name: string): boolean {
  return (
    name.startsWith(`${prefix}_`) &&
    /^(SERVICE_HOST|SERVICE_PORT|PORT|NAME|ENV)(_|$)/.test(name.slice(prefix.length + 1))
  )
}

function describeFilled(env: Environment, filled: string[]): string[] {
  const address = env['HOLOTYPE_PORT'] ?? ''
  const names = isPlatformAddress(address) ? ['HOLOTYPE_PORT', ...filled] : filled
  const [first] = names
  if (first === undefined) return []
  const others = names.length === 1 ? '' : ` and ${names.length - 1} more like it`
  return [
    `${first}${others} come from the platform (a Kubernetes Service or a linked container named "holotype"), so they are passed over`,
  ]
}

/** A setting in another case or with a slip in its first letters has no effect either. */
function isMeantAsSetting(name: string): boolean {
  return /^holotype/i.test(name) || distanceTo(findNearest(name), name) <= MISTYPED_WITHIN
}

function describeStray(name: string): string {
  const nearest = findNearest(name)
  const [known, typed] = [nearest.length - PREFIX.length, name.length - PREFIX.length]
  // Two long names have some letters in common, whatever they mean.
  const isNear = distanceTo(nearest, name) <= Math.min(known - 2, Math.max(known, typed) / 2)
  const advice = isNear ? `did you mean ${nearest}?` : "README's table of settings has all there are"
  return `${name} is no setting and has no effect; ${advice}`
}

function findNearest(name: string): string {
  const byDistance = SETTINGS.toSorted((a, b) => distanceTo(a, name) - distanceTo(b, name))
  return byDistance[0] ?? ''
}

/** People shorten names more often than they lengthen them: HOLOTYPE_DB_URL is nearer to HOLOTYPE_DATABASE_URL than to HOLOTYPE_URL. */
const LEFT_OUT = 0.4

/** How much has to be changed in `typed`, whatever its case, to make it `known`. */
function distanceTo(known: string, typed: string): number {
  const given = typed.toUpperCase()
  let above: number[] = Array.from({ length: known.length + 1 }, (_, column) => column * LEFT_OUT)
  for (let row = 1; row <= given.length; row++) {
    const line = [row]
    for (let column = 1; column <= known.length; column++) {
      const change = given[row - 1] === known[column - 1] ? 0 : 1
      const at = (list: number[], index: number) => list[index] ?? Number.POSITIVE_INFINITY
      line.push(Math.min(at(above, column - 1) + change, at(above, column) + 1, at(line, column - 1) + LEFT_OUT))
    }
    above = line
  }
  return above[known.length] ?? Number.POSITIVE_INFINITY
}
