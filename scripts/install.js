// What `npm start` and `npm test` share: a checkout that has everything it needs. Runs on any Node from 18.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
export const pinnedNode = join(root, 'node_modules/node/bin/node')

/** Installs the locked dependencies when they are missing or older than the lock file. */
export function installDependencies() {
  const changed = file => statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0
  // npm writes the second file at the end of a complete installation.
  if (changed('package-lock.json') <= changed('node_modules/.package-lock.json')) return

  process.stderr.write('Installing dependencies (first start only) …\n')
  const modules = join(root, 'node_modules')
  // npm may replace the Node that lives in node_modules, so it must not run on it.
  const path = process.env.PATH.split(delimiter).filter(folder => !folder.startsWith(modules))
  // Not `npm ci`: it fails when the lock file lacks an optional package of another platform. This too installs what is locked.
  const { status } = spawnSync('npm', ['install', '--no-save', '--include=dev', '--loglevel=error'], {
    cwd: root,
    env: { ...process.env, PATH: path.join(delimiter) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status === 0) return
  process.stderr.write('The dependencies could not be installed.\n')
  process.exit(1)
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
