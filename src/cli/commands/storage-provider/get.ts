import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { record } from '../../table.ts'

export const getStorageProvider: ClientCommand = cli =>
  new Command('get')
    .description('show a storage provider')
    .argument('<id>', 'its id, sp…')
    .action(async (id: string) => {
      const client = await cli.client()
      const provider = await dataOf(client.GET('/v1/storage-providers/{id}', { params: { path: { id } } }))
      await cli.answer(provider, record(provider))
    })
