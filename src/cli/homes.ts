/** Where a user's own files are, as the XDG Base Directory Specification has it. */
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { Io } from './io.ts'

const HOMES = {
  config: { setting: 'XDG_CONFIG_HOME', folder: '.config' },
  state: { setting: 'XDG_STATE_HOME', folder: join('.local', 'state') },
  cache: { setting: 'XDG_CACHE_HOME', folder: '.cache' },
}

/** Our folder for files of this kind. Undefined where this user has no home. A relative setting doesn't count, as the specification says. */
export function findOwnFolder(env: Io['env'], kind: keyof typeof HOMES): string | undefined {
  const { setting, folder } = HOMES[kind]
  const given = env[setting]?.trim()
  if (given && isAbsolute(given)) return join(given, 'holotype')
  const home = env['HOME']?.trim() || findHome()
  return home && join(home, folder, 'holotype')
}

/** Node throws where the system knows no home. */
function findHome(): string | undefined {
  try {
    return homedir()
  } catch {
    return undefined
  }
}
