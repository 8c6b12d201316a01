import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'

export const revokeKey: ClientCommand = cli =>
  new Command('revoke')
    .description('revoke an API key: it stops working at once')
    .argument('<id>', 'the id of the key, ak…')
    .action(async (id: string) => {
      const answer = await dataOf((await cli.client()).DELETE('/v1/api-keys/{id}', { params: { path: { id } } }))
      await cli.answer(answer, `Revoked the key ${answer.id}.\n`)
    })
