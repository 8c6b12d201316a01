import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { type ConfirmationOptions, requireConfirmation, withConfirmation } from '../../prompts.ts'

export const deleteUser: ClientCommand = cli =>
  withConfirmation(new Command('delete').description('remove a member from the team; their keys stop working at once'))
    .argument('<id>', 'their id, us…')
    .action(async (id: string, options: ConfirmationOptions) => {
      const client = await cli.client()
      await requireConfirmation(cli, `remove the user ${id} from the team and end all their keys`, options)
      const answer = await dataOf(client.DELETE('/v1/users/{id}', { params: { path: { id } } }))
      await cli.answer(answer, `Removed the user ${answer.id}.\n`)
    })
