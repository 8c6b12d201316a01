import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { answerPage, type PageOptions, toPageQuery, withPaging } from '../../options.ts'
import { showTime } from '../../show.ts'
import { words } from '../../table.ts'

interface Options extends PageOptions {
  name?: string
  search?: string
  tag?: string
  project?: string
}

export const listModels: ClientCommand = cli =>
  withPaging(new Command('list').description('list models'))
    .option('-n, --name <name>', 'only models with exactly this name')
    .option('--search <text>', 'only models with this in their name or description')
    .option('--tag <tag>', 'only models with a version that has this tag')
    .option('-p, --project <id>', 'only models in this project')
    .action(async ({ name, search, tag, project, ...paging }: Options) => {
      const query = {
        ...toPageQuery(paging),
        ...(name !== undefined && { name }),
        ...(search !== undefined && { search }),
        ...(tag !== undefined && { tag }),
        ...(project !== undefined && { projectId: project }),
      }
      const page = await dataOf((await cli.client()).GET('/v1/models', { params: { query } }))
      await answerPage(cli, page, {
        id: model => model.id,
        name: words(model => model.name),
        public: model => (model.isPublic ? 'yes' : 'no'),
        project: model => model.projectId,
        created: model => showTime(model.dtCreated),
        description: words(model => model.description),
      })
    })
