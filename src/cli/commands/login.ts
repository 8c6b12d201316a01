import { text } from 'node:stream/consumers'
import { Command } from 'commander'
import { createClient } from '../../client/client.ts'
import type { Cli, ClientCommand } from '../context.ts'
import { findUrl, requireKeyText, writeLogin } from '../credentials.ts'
import { CliError, usageError } from '../errors.ts'
import { askSecret } from '../prompts.ts'
import { show } from '../show.ts'

export const login: ClientCommand = cli =>
  new Command('login')
    .description('check an API key and remember it, with the URL of its registry')
    .argument('[key]', 'the API key; `-` reads it from stdin; asked for when left out')
    .action(async (argument: string | undefined) => {
      const url = findUrl(cli.flags.url, cli.io.env)
      const key = requireKeyText(await readKey(cli, argument ?? cli.flags.apiKey))
      const { data: session } = await createClient({ url, key, signal: cli.signal }).GET('/v1/auth/session')
      if (!session) throw new CliError('denied', `${url} does not know this API key`)
      const file = await writeLogin(cli.io.env, { url, key })
      await cli.answer(session, `Logged in to ${url}, team ${show(session.team.namespace)}.\n`)
      cli.say(`The key is kept in ${file}, which only you can read.`)
    })

async function readKey(cli: Cli, given: string | undefined): Promise<string> {
  if (given === '-') return (await text(cli.io.stdin)).trim()
  const key = given ?? (await askSecret(cli, 'API key'))
  if (key === undefined) throw usageError('there is no API key to log in with', 'Give it: holotype login <key>')
  return key
}
