import { Command } from 'commander'
import { createClient } from '../../client/client.ts'
import { ApiError } from '../../client/errors.ts'
import type { Cli, ClientCommand } from '../context.ts'
import { findLoginUrl, findProfileName, requireKeyText } from '../credentials.ts'
import { CliError, usageError } from '../errors.ts'
import { readProfiles, requireProfileName, writeProfiles } from '../profiles.ts'
import { askSecret } from '../prompts.ts'
import { readProxies } from '../proxies.ts'
import { readStdin } from '../read-stdin.ts'
import { show } from '../show.ts'

export const login: ClientCommand = cli =>
  new Command('login')
    .description('check an API key and remember it, with the URL of its registry')
    .argument('[key]', 'the API key; `-` reads it from stdin; asked for when left out')
    .action(async (argument: string | undefined) => {
      const named = findProfileName(cli.flags, cli.io.env)
      if (named !== undefined) requireProfileName(named)
      const url = await findLoginUrl(cli.flags, cli.io.env)
      const key = requireKeyText(await readKey(cli, argument ?? cli.flags.apiKey))
      const client = createClient({ url, key, proxies: readProxies(cli.io.env), signal: cli.signal })
      const { data: session } = await client.GET('/v1/auth/session').catch(explainRefusal)
      if (!session) throw new CliError('denied', `${url} does not know this API key`, COPY_AGAIN)
      const profiles = await readProfiles(cli.io.env)
      const name = named ?? profiles.current
      const isFirst = profiles.logins.size === 0
      profiles.logins.set(name, { url, key })
      const file = await writeProfiles(cli.io.env, isFirst ? { ...profiles, current: name } : profiles)
      await cli.answer(session, `Logged in to ${url}, team ${show(session.team.namespace)}.\n`)
      cli.say(`The key is kept in ${file}, which only you can read.`)
      if (isFirst || name === profiles.current) return
      cli.say(`It is used with --profile ${name}; to use it always: holotype profile use ${name}`)
    })

const COPY_AGAIN = 'Copy it again: a key reads ht_<id>_<secret>. It may also have been revoked, or have ended.'

/** To log in is what is being tried, so that is no advice. */
function explainRefusal(error: unknown): never {
  if (error instanceof ApiError && error.isOfRegistry && error.status === 401) {
    throw new CliError('denied', error.message, COPY_AGAIN)
  }
  throw error
}

async function readKey(cli: Cli, given: string | undefined): Promise<string> {
  if (given === '-') return await readStdin(cli, tooLong)
  const key = given ?? (await askSecret(cli, 'API key'))
  if (key === undefined) throw usageError('there is no API key to log in with', 'Give it: holotype login <key>')
  return key
}

function tooLong(): CliError {
  return new CliError('denied', 'what stands on stdin is too long for an API key', COPY_AGAIN)
}
