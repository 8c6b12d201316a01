import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { type ConfirmationOptions, requireConfirmation, withConfirmation } from '../../prompts.ts'
import { show } from '../../show.ts'

export const deleteProject: ClientCommand = cli =>
  withConfirmation(new Command('delete').description('delete a project; its models stay'))
    .argument('<id>', 'the id of the project, pr…')
    .action(async (id: string, options: ConfirmationOptions) => {
      const client = await cli.client()
      const { name } = await dataOf(client.GET('/v1/projects/{id}', { params: { path: { id } } }))
      await requireConfirmation(cli, `delete the project "${name}" (${id})`, options)
      const project = await dataOf(client.DELETE('/v1/projects/{id}', { params: { path: { id } } }))
      await cli.answer(project, `Deleted the project "${show(project.name)}" (${project.id}).\n`)
    })
