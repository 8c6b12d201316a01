import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { findModel } from '../../find-model.ts'
import { answerPage, type PageOptions, toPageQuery, withPaging } from '../../options.ts'
import { showBytes, showTime } from '../../show.ts'
import { words } from '../../table.ts'

export const listVersions: ClientCommand = cli =>
  withPaging(new Command('list').description('list the versions of a model'))
    .argument('<model>', 'its id or name')
    .option('--tag <tag>', 'only versions with this tag')
    .action(async (text: string, { tag, ...paging }: PageOptions & { tag?: string }) => {
      const client = await cli.client()
      const path = { id: (await findModel(client, text)).id }
      const query = { ...toPageQuery(paging), ...(tag !== undefined && { tag }) }
      const page = await dataOf(client.GET('/v1/models/{id}/versions', { params: { path, query } }))
      await answerPage(cli, page, {
        version: version => version.version,
        state: version => (version.isCommitted ? 'committed' : 'draft'),
        files: version => version.fileCount,
        size: { read: version => showBytes(Number(version.usageBytes)), by: version => Number(version.usageBytes) },
        created: version => showTime(version.dtCreated),
        tags: words(version => version.tags.join(', ')),
        message: words(version => version.message),
      })
    })
