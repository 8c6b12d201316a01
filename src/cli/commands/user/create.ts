import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { record } from '../../table.ts'

export const createUser: ClientCommand = cli =>
  new Command('create')
    .description('add a person or a robot to the team; `holotype key create --user` gives them a key')
    .argument('<name>', 'their name')
    .option('--email <email>', 'their e-mail address')
    .action(async (name: string, { email }: { email?: string }) => {
      const body = { name, ...(email !== undefined && { email }) }
      const user = await dataOf((await cli.client()).POST('/v1/users', { body }))
      await cli.answer(user, record(user))
    })
