import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { findVersion } from '../../find-model.ts'
import { answerPage, type PathPageOptions, toPageQuery, withPathPaging } from '../../options.ts'
import { showBytes, showTime } from '../../show.ts'
import { words } from '../../table.ts'

export const listFiles: ClientCommand = cli =>
  withPathPaging(new Command('list').description('list the files of a version'))
    .argument('<model[@version]>', 'a model, and a version number or alias; `latest` when left out')
    .action(async (text: string, paging: PathPageOptions) => {
      const client = await cli.client()
      const { model, version } = await findVersion(client, text)
      const path = { id: model.id, version: version.version }
      const params = { path, query: toPageQuery(paging) }
      const page = await dataOf(client.GET('/v1/models/{id}/versions/{version}/files', { params }))
      await answerPage(cli, page, {
        path: words(file => file.path),
        size: { read: file => showBytes(file.size), by: file => file.size },
        sha256: words(file => file.sha256),
        created: file => showTime(file.dtCreated),
      })
    })
