import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { findNamedVersion } from '../../find-model.ts'
import { type ConfirmationOptions, requireConfirmation, withConfirmation } from '../../prompts.ts'
import { show } from '../../show.ts'

export const deleteVersion: ClientCommand = cli =>
  withConfirmation(new Command('delete').description('delete a version and its files; its number is never used again'))
    .argument('<model@version>', 'a model, and a version number or alias')
    .action(async (text: string, options: ConfirmationOptions) => {
      const client = await cli.client()
      const { model, version } = await findNamedVersion(client, text)
      const what = `version ${version.version} of "${model.name}"`
      await requireConfirmation(cli, `delete ${what}`, options)
      const path = { id: model.id, version: version.version }
      const answer = await dataOf(client.DELETE('/v1/models/{id}/versions/{version}', { params: { path } }))
      await cli.answer(answer, `Deleted ${show(what)}.\n`)
    })
