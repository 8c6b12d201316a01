import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { answerPage, type PageOptions, toPageQuery, withPaging } from '../../options.ts'
import { showTime } from '../../show.ts'
import { words } from '../../table.ts'
import { readUserNames } from '../../user-names.ts'

export const listKeys: ClientCommand = cli =>
  withPaging(new Command('list').description('list the API keys of the team')).action(async (paging: PageOptions) => {
    const params = { query: toPageQuery(paging) }
    const page = await dataOf((await cli.client()).GET('/v1/api-keys', { params }))
    const nameOf = await readUserNames(cli)
    await answerPage(cli, page, {
      id: key => key.id,
      name: words(key => key.name),
      role: key => (key.isInstanceAdmin ? `${key.role} of the instance` : key.role),
      user: words(key => nameOf(key.userId)),
      created: key => showTime(key.dtCreated),
      expires: key => showTime(key.dtExpires),
      used: key => showTime(key.dtLastUsed),
    })
  })
