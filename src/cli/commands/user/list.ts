import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { answerPage, type PageOptions, toPageQuery, withPaging } from '../../options.ts'
import { showTime } from '../../show.ts'
import { words } from '../../table.ts'

export const listUsers: ClientCommand = cli =>
  withPaging(new Command('list').description('list the members of the team')).action(async (paging: PageOptions) => {
    const params = { query: toPageQuery(paging) }
    const page = await dataOf((await cli.client()).GET('/v1/users', { params }))
    await answerPage(cli, page, {
      id: user => user.id,
      name: words(user => user.name),
      email: words(user => user.email),
      created: user => showTime(user.dtCreated),
    })
  })
