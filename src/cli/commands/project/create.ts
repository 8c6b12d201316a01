import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { record } from '../../table.ts'

export const createProject: ClientCommand = cli =>
  new Command('create')
    .description('create a project')
    .argument('<name>', 'its name')
    .action(async (name: string) => {
      const project = await dataOf((await cli.client()).POST('/v1/projects', { body: { name } }))
      await cli.answer(project, record(project))
    })
