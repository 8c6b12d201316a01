import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { findModel } from '../../find-model.ts'
import { answerPage, type PageOptions, toPageQuery, withPaging } from '../../options.ts'
import { showTime } from '../../show.ts'
import { words } from '../../table.ts'
import { readUserNames } from '../../user-names.ts'

export const listAliases: ClientCommand = cli =>
  withPaging(new Command('list').description('list the aliases of a model'))
    .argument('<model>', 'its id or name')
    .action(async (text: string, paging: PageOptions) => {
      const client = await cli.client()
      const path = { id: (await findModel(client, text)).id }
      const page = await dataOf(client.GET('/v1/models/{id}/aliases', { params: { path, query: toPageQuery(paging) } }))
      const nameOf = await readUserNames(cli)
      await answerPage(cli, page, {
        alias: words(alias => alias.alias),
        version: alias => alias.version,
        since: alias => showTime(alias.dtModified),
        by: words(alias => nameOf(alias.userId)),
      })
    })
