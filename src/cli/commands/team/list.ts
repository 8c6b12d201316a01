import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { answerPage, type PageOptions, toPageQuery, withPaging } from '../../options.ts'
import { showTime } from '../../show.ts'

export const listTeams: ClientCommand = cli =>
  withPaging(new Command('list').description('list teams')).action(async (paging: PageOptions) => {
    const params = { query: toPageQuery(paging) }
    const page = await dataOf((await cli.client()).GET('/v1/teams', { params }))
    await answerPage(cli, page, {
      id: team => team.id,
      namespace: team => team.namespace,
      created: team => showTime(team.dtCreated),
    })
  })
