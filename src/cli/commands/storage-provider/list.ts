import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { answerPage, type PageOptions, toPageQuery, withPaging } from '../../options.ts'
import { words } from '../../table.ts'

export const listStorageProviders: ClientCommand = cli =>
  withPaging(new Command('list').description('list the places where bytes can be kept')).action(
    async (paging: PageOptions) => {
      const params = { query: toPageQuery(paging) }
      const page = await dataOf((await cli.client()).GET('/v1/storage-providers', { params }))
      await answerPage(cli, page, {
        id: provider => provider.id,
        name: words(provider => provider.name),
        managed: provider => (provider.isManaged ? 'yes' : 'no'),
        default: provider => (provider.isTeamDefault ? 'yes' : 'no'),
        bucket: words(provider => provider.s3Config.bucket),
      })
    },
  )
