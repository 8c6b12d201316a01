import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { show } from '../../show.ts'

export const deleteProject: ClientCommand = cli =>
  new Command('delete')
    .description('delete a project; its models stay')
    .argument('<id>', 'the id of the project, pr…')
    .action(async (id: string) => {
      const project = await dataOf((await cli.client()).DELETE('/v1/projects/{id}', { params: { path: { id } } }))
      await cli.answer(project, `Deleted the project "${show(project.name)}" (${project.id}).\n`)
    })
