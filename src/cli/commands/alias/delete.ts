import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { findModel } from '../../find-model.ts'
import { show } from '../../show.ts'

export const deleteAlias: ClientCommand = cli =>
  new Command('delete')
    .description('delete an alias; the version it points at stays')
    .argument('<model>', 'its id or name')
    .argument('<alias>', 'its name')
    .action(async (text: string, alias: string) => {
      const client = await cli.client()
      const path = { id: (await findModel(client, text)).id, alias }
      const answer = await dataOf(client.DELETE('/v1/models/{id}/aliases/{alias}', { params: { path } }))
      await cli.answer(answer, `Deleted the alias "${show(alias)}".\n`)
    })
