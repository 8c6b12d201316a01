import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import { findPathProblem } from '../../../domain/file-path.ts'
import type { ClientCommand } from '../../context.ts'
import { usageError } from '../../errors.ts'
import { findNamedVersion } from '../../find-model.ts'
import { type ConfirmationOptions, requireConfirmation, withConfirmation } from '../../prompts.ts'
import { show } from '../../show.ts'

export const deleteFile: ClientCommand = cli =>
  withConfirmation(new Command('delete').description('take a file out of a draft'))
    .argument('<model@version>', 'a model and the number of a draft')
    .argument('<path>', 'the path of the file in the version')
    .action(async (text: string, path: string, options: ConfirmationOptions) => {
      const problem = findPathProblem(path)
      if (problem) throw usageError(`the path ${problem}`)
      const client = await cli.client()
      const { model, version } = await findNamedVersion(client, text)
      const source = `version ${version.version} of "${model.name}"`
      await requireConfirmation(cli, `take the file "${path}" out of ${source}`, options)
      const params = { path: { id: model.id, version: version.version, path } }
      const answer = await dataOf(client.DELETE('/v1/models/{id}/versions/{version}/files/{path}', { params }))
      await cli.answer(answer, `Took "${show(path)}" out of ${show(source)}.\n`)
    })
