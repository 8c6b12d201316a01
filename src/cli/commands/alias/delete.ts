import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { findModel } from '../../find-model.ts'
import { type ConfirmationOptions, requireConfirmation, withConfirmation } from '../../prompts.ts'
import { show } from '../../show.ts'

export const deleteAlias: ClientCommand = cli =>
  withConfirmation(new Command('delete').description('delete an alias; the version it points at stays'))
    .argument('<model>', 'its id or name')
    .argument('<alias>', 'its name')
    .action(async (text: string, alias: string, options: ConfirmationOptions) => {
      const client = await cli.client()
      const model = await findModel(client, text)
      await requireConfirmation(cli, `delete the alias "${alias}" of "${model.name}"`, options)
      const path = { id: model.id, alias }
      const answer = await dataOf(client.DELETE('/v1/models/{id}/aliases/{alias}', { params: { path } }))
      await cli.answer(answer, `Deleted the alias "${show(alias)}".\n`)
    })
