import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { type ConfirmationOptions, requireConfirmation, withConfirmation } from '../../prompts.ts'

export const revokeKey: ClientCommand = cli =>
  withConfirmation(new Command('revoke').description('revoke an API key: it stops working at once'))
    .argument('<id>', 'the id of the key, ak…')
    .action(async (id: string, options: ConfirmationOptions) => {
      const client = await cli.client()
      await requireConfirmation(cli, `revoke the API key ${id} for good`, options)
      const answer = await dataOf(client.DELETE('/v1/api-keys/{id}', { params: { path: { id } } }))
      await cli.answer(answer, `Revoked the key ${answer.id}.\n`)
    })
