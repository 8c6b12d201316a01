import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { answerPage, type PageOptions, toPageQuery, withPaging } from '../../options.ts'
import { showTime } from '../../show.ts'
import { words } from '../../table.ts'

export const listProjects: ClientCommand = cli =>
  withPaging(new Command('list').description('list projects')).action(async (paging: PageOptions) => {
    const params = { query: toPageQuery(paging) }
    const page = await dataOf((await cli.client()).GET('/v1/projects', { params }))
    await answerPage(cli, page, {
      id: project => project.id,
      name: words(project => project.name),
      created: project => showTime(project.dtCreated),
    })
  })
