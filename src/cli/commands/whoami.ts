import { Command } from 'commander'
import type { ClientCommand } from '../context.ts'
import { CliError } from '../errors.ts'
import { record } from '../table.ts'

export const whoami: ClientCommand = cli =>
  new Command('whoami').description('show who the API key stands for, and at which registry').action(async () => {
    const { url } = await cli.connection()
    const { data: session } = await (await cli.client()).GET('/v1/auth/session')
    if (!session) throw new CliError('denied', `${url} does not know this API key`)
    const { team, user } = session
    const name = [user.firstName, user.lastName].filter(part => part !== null).join(' ')
    await cli.answer(
      session,
      record({ registry: url, team: team.namespace, teamId: team.id, user: name, userId: user.id }),
    )
  })
