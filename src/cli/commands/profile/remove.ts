import { Command } from 'commander'
import type { ClientCommand } from '../../context.ts'
import { readProfiles, requireProfile, writeProfiles } from '../../profiles.ts'

export const removeProfile: ClientCommand = cli =>
  new Command('remove')
    .description('forget a stored login; the key itself stays valid')
    .argument('<name>', 'its name')
    .action(async (name: string) => {
      const profiles = await readProfiles(cli.io.env)
      const { url } = requireProfile(profiles, name)
      profiles.logins.delete(name)
      await writeProfiles(cli.io.env, profiles)
      await cli.answer({ name, url }, `Forgot ${name}: ${url}\n`)
      if (name === profiles.current && profiles.logins.size > 0) {
        cli.say(`None is in use now: holotype profile use <${[...profiles.logins.keys()].join('|')}>`)
      }
    })
