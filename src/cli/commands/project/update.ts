import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { record } from '../../table.ts'

export const updateProject: ClientCommand = cli =>
  new Command('update')
    .description('rename a project')
    .argument('<id>', 'the id of the project, pr…')
    .requiredOption('-n, --name <name>', 'its new name')
    .action(async (id: string, { name }: { name: string }) => {
      const client = await cli.client()
      const project = await dataOf(client.PUT('/v1/projects/{id}', { params: { path: { id } }, body: { name } }))
      await cli.answer(project, record(project))
    })
