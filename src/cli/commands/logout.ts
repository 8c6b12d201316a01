import { rm } from 'node:fs/promises'
import { Command } from 'commander'
import type { Cli, ClientCommand } from '../context.ts'
import { findProfileName } from '../credentials.ts'
import { CliError } from '../errors.ts'
import { findLoginFile, readProfiles, writeProfiles } from '../profiles.ts'

export const logout: ClientCommand = cli =>
  new Command('logout').description('forget the stored API key').action(async () => {
    const wasLoggedIn = await removeLogin(cli)
    await cli.answer(
      { wasLoggedIn },
      wasLoggedIn ? 'Logged out. The key itself stays valid.\n' : 'Nobody was logged in.\n',
    )
  })

/** Resolves to whether there was one. */
async function removeLogin({ flags, io: { env } }: Cli): Promise<boolean> {
  try {
    const profiles = await readProfiles(env)
    const wasLoggedIn = profiles.logins.delete(findProfileName(flags, env) ?? profiles.current)
    if (wasLoggedIn) await writeProfiles(env, profiles)
    return wasLoggedIn
  } catch (error) {
    // A damaged file is removed as a whole: that is the way out of it.
    if (!(error instanceof CliError)) throw error
    const file = findLoginFile(env)
    if (file === undefined) return false
    await rm(file)
    return true
  }
}
