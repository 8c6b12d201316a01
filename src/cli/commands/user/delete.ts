import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'

export const deleteUser: ClientCommand = cli =>
  new Command('delete')
    .description('remove a member from the team; their keys stop working at once')
    .argument('<id>', 'their id, us…')
    .action(async (id: string) => {
      const answer = await dataOf((await cli.client()).DELETE('/v1/users/{id}', { params: { path: { id } } }))
      await cli.answer(answer, `Removed the user ${answer.id}.\n`)
    })
