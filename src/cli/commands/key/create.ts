import { Command, InvalidArgumentError, Option } from 'commander'
import { type Client, dataOf } from '../../../client/client.ts'
import type { Cli, ClientCommand } from '../../context.ts'
import { CliError, usageError } from '../../errors.ts'
import { record } from '../../table.ts'
import type { LocalKeyOptions } from './create-local.ts'

interface Options extends LocalKeyOptions {
  local?: boolean
}

export const createKey: ClientCommand = cli =>
  new Command('create')
    .description('create an API key; it is shown only this once')
    .requiredOption('-n, --name <name>', 'what it is for')
    .addOption(
      new Option('--role <role>', 'what it may do; each includes those before it')
        .choices(['reader', 'writer', 'admin'])
        .makeOptionMandatory(),
    )
    .option('--expires <time>', 'when it ends: a date, or days from now such as 90d', parseExpiry)
    .option('--user <id>', 'the member it acts for; yourself when left out')
    .option('--team <team>', 'the namespace or id of another team; only with an instance-admin key')
    .option('--instance-admin', 'it may manage teams and keys of all teams; only with such a key')
    .option('--local', 'on the machine that keeps the data, without any key; also while the registry runs')
    .option('--data-dir <dir>', 'with --local: the data directory (HOLOTYPE_DATA_DIR, default ./data)')
    .action(async ({ local = false, ...options }: Options) => {
      if (options.dataDir !== undefined && !local) throw usageError('--data-dir needs --local')
      const key = local ? await createHere(cli, options) : await createThere(await cli.client(), options)
      await cli.answer(key, record(key))
      cli.say('Keep the key now: it is shown only this once.')
    })

async function createHere(cli: Cli, options: LocalKeyOptions) {
  // It brings the whole server along.
  const { createKeyHere } = await import('./create-local.ts')
  return await createKeyHere(options, cli.io.env)
}

async function createThere(client: Client, { name, role, expires, user, team, instanceAdmin }: LocalKeyOptions) {
  const body = {
    name,
    role,
    ...(expires !== undefined && { dtExpires: expires }),
    ...(user !== undefined && { userId: user }),
    ...(team !== undefined && { teamId: await findTeamId(client, team) }),
    ...(instanceAdmin && { isInstanceAdmin: true }),
  }
  return await dataOf(client.POST('/v1/api-keys', { body }))
}

/** The id of the team that has this namespace or this id. Throws a `CliError` when there is none. */
async function findTeamId(client: Client, team: string): Promise<string> {
  let after: string | undefined
  do {
    const query = { limit: 1000, ...(after !== undefined && { after }) }
    const page = await dataOf(client.GET('/v1/teams', { params: { query } }))
    const found = page.items.find(({ id, namespace }) => namespace === team || id === team)
    if (found) return found.id
    after = page.nextPage ?? undefined
  } while (after !== undefined)
  throw new CliError('missing', `there is no team "${team}"`, 'See which there are: holotype team list')
}

function parseExpiry(text: string): string {
  const days = /^(\d{1,5})d$/.exec(text)?.[1]
  const time = days === undefined ? Date.parse(text) : Date.now() + Number(days) * 86_400_000
  if (Number.isNaN(time)) throw new InvalidArgumentError('It must be a date such as 2030-01-31, or days such as 90d.')
  return new Date(time).toISOString()
}
