// What `npm start` and `npm test` share: a checkout that has everything it needs. Runs on any Node from 18.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
export const pinnedNode = join(root, 'node_modules/node/bin/node')

/** Between two looks at how far npm is, in ms, and between two lines about it where lines can't be rewritten. */
const LOOK_MS = 500
const LINE_MS = 10_000

/** Installs the locked dependencies when they are missing or older than the lock file, and shows how far it is. */
export async function installDependencies() {
  const changed = file => statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0
  // npm writes the second file at the end of a complete installation.
  if (changed('package-lock.json') <= changed('node_modules/.package-lock.json')) return

  process.stderr.write('Installing dependencies (first start only) …\n')
  const end = showProgress()
  const code = await runNpm()
  end()
  if (code === 0) return
  process.stderr.write(
    'The dependencies could not be installed. npm needs to reach its registry; what it said is above.\n',
  )
  process.exit(1)
}

/** Resolves to the exit code; what npm has to complain of goes to stderr. */
function runNpm() {
  const modules = join(root, 'node_modules')
  // npm may replace the Node that lives in node_modules, so it must not run on it.
  const path = process.env.PATH.split(delimiter).filter(folder => !folder.startsWith(modules))
  // Not `npm ci`: it fails when the lock file lacks an optional package of another platform. This too installs what is locked.
  const npm = spawn('npm', ['install', '--no-save', '--include=dev', '--loglevel=error', '--no-progress'], {
    cwd: root,
    env: { ...process.env, PATH: path.join(delimiter) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return new Promise(resolve => {
    npm.on('error', error => {
      process.stderr.write(`npm could not be started: ${error.message}\n`)
      resolve(1)
    })
    npm.on('exit', code => resolve(code ?? 1))
  })
}

/** Says again and again how many packages are there; npm itself says nothing until its end. Returns what ends it. */
function showProgress() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const folders = Object.keys(packages).filter(folder => folder !== '' && !packages[folder].optional)
  const startedAt = Date.now()
  const canRewrite = process.stderr.isTTY
  let saidAt = startedAt
  let isShown = false
  const timer = setInterval(() => {
    if (!canRewrite && Date.now() - saidAt < LINE_MS) return
    saidAt = Date.now()
    isShown = true
    const there = folders.filter(folder => existsSync(join(root, folder, 'package.json'))).length
    const line = `  ${there} of ${folders.length} packages, ${Math.round((saidAt - startedAt) / 1000)} s`
    process.stderr.write(canRewrite ? `\r\u001b[K${line}` : `${line}\n`)
  }, LOOK_MS)
  return () => {
    clearInterval(timer)
    if (isShown && canRewrite) process.stderr.write('\n')
  }
}

/** Where it can: as root on Debian. Without PostgreSQL the tests that need it are skipped, and say so. */
export function installPostgresql() {
  const isDebian = existsSync('/etc/debian_version') && process.getuid?.() === 0
  if (!isDebian || existsSync('/usr/lib/postgresql')) return

  process.stderr.write('Installing PostgreSQL for the tests (first time only) …\n')
  const aptGet = (...args) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    return spawnSync('apt-get', ['-qq', ...args], { env, stdio: 'ignore', timeout: 180_000 }).status === 0
  }
  if (aptGet('update') && aptGet('install', '-y', '--no-install-recommends', 'postgresql')) return
  process.stderr.write('PostgreSQL could not be installed.\n')
}
