import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { findModel } from '../../find-model.ts'
import { answerPage, type PageOptions, toPageQuery, withPaging } from '../../options.ts'
import { showTime } from '../../show.ts'
import { words } from '../../table.ts'
import { readUserNames } from '../../user-names.ts'

export const showAliasHistory: ClientCommand = cli =>
  withPaging(new Command('history').description('list where an alias pointed, since when, and who moved it'))
    .argument('<model>', 'its id or name')
    .argument('<alias>', 'its name')
    .action(async (text: string, alias: string, paging: PageOptions) => {
      const client = await cli.client()
      const path = { id: (await findModel(client, text)).id }
      const query = { ...toPageQuery(paging), alias }
      const page = await dataOf(client.GET('/v1/models/{id}/events', { params: { path, query } }))
      const nameOf = await readUserNames(cli)
      await answerPage(cli, page, {
        when: event => showTime(event.dtCreated),
        version: event => (event.kind === 'alias.delete' ? 'deleted' : event.version),
        before: event => showNumber(event.details['previousVersion']),
        by: words(event => nameOf(event.userId)),
      })
    })

function showNumber(value: unknown): string {
  return typeof value === 'number' ? String(value) : ''
}
