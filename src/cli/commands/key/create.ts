import { Command, InvalidArgumentError, Option } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { record } from '../../table.ts'

interface Options {
  name: string
  role: 'reader' | 'writer' | 'admin'
  expires?: string
  user?: string
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
    .action(async ({ name, role, expires, user }: Options) => {
      const body = {
        name,
        role,
        ...(expires !== undefined && { dtExpires: expires }),
        ...(user !== undefined && { userId: user }),
      }
      const key = await dataOf((await cli.client()).POST('/v1/api-keys', { body }))
      await cli.answer(key, record(key))
      cli.say('Keep the key now: it is shown only this once.')
    })

function parseExpiry(text: string): string {
  const days = /^(\d{1,5})d$/.exec(text)?.[1]
  const time = days === undefined ? Date.parse(text) : Date.now() + Number(days) * 86_400_000
  if (Number.isNaN(time)) throw new InvalidArgumentError('It must be a date such as 2030-01-31, or days such as 90d.')
  return new Date(time).toISOString()
}
