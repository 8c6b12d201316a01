import { Command } from 'commander'
import type { ClientCommand } from '../../context.ts'
import { readProfiles, requireProfile, writeProfiles } from '../../profiles.ts'

export const useProfile: ClientCommand = cli =>
  new Command('use')
    .description('use a stored login from now on')
    .argument('<name>', 'its name')
    .action(async (name: string) => {
      const profiles = await readProfiles(cli.io.env)
      const { url } = requireProfile(profiles, name)
      await writeProfiles(cli.io.env, { ...profiles, current: name })
      await cli.answer({ name, url }, `Using ${name}: ${url}\n`)
    })
