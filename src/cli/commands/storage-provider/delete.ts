import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { type ConfirmationOptions, requireConfirmation, withConfirmation } from '../../prompts.ts'
import { show } from '../../show.ts'

export const deleteStorageProvider: ClientCommand = cli =>
  withConfirmation(new Command('delete').description('forget a bucket that holds nothing of the registry any more'))
    .argument('<id>', 'its id, sp…')
    .action(async (id: string, options: ConfirmationOptions) => {
      const client = await cli.client()
      const params = { path: { id } }
      const { name } = await dataOf(client.GET('/v1/storage-providers/{id}', { params }))
      await requireConfirmation(cli, `delete the storage provider "${name}" (${id})`, options)
      const deleted = await dataOf(client.DELETE('/v1/storage-providers/{id}', { params }))
      await cli.answer(deleted, `Deleted the storage provider "${show(name)}" (${id}).\n`)
    })
