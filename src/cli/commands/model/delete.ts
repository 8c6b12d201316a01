import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { findModel } from '../../find-model.ts'
import { type ConfirmationOptions, requireConfirmation, withConfirmation } from '../../prompts.ts'
import { show } from '../../show.ts'

export const deleteModel: ClientCommand = cli =>
  withConfirmation(new Command('delete').description('delete a model with all its versions, files and aliases'))
    .argument('<model>', 'its id or name')
    .action(async (text: string, options: ConfirmationOptions) => {
      const client = await cli.client()
      const { id, name } = await findModel(client, text)
      await requireConfirmation(cli, `delete the model "${name}" (${id}) and all its versions`, options)
      const answer = await dataOf(client.DELETE('/v1/models/{id}', { params: { path: { id } } }))
      await cli.answer(answer, `Deleted the model "${show(name)}" (${id}).\n`)
    })
