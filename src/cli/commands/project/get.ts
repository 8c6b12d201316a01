import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { record } from '../../table.ts'

export const getProject: ClientCommand = cli =>
  new Command('get')
    .description('show a project; `holotype model list -p <id>` lists its models')
    .argument('<id>', 'the id of the project, pr…')
    .action(async (id: string) => {
      const project = await dataOf((await cli.client()).GET('/v1/projects/{id}', { params: { path: { id } } }))
      await cli.answer(project, record(project))
    })
