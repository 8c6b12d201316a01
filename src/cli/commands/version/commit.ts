import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { findNamedVersion } from '../../find-model.ts'
import { record } from '../../table.ts'

export const commitVersion: ClientCommand = cli =>
  new Command('commit')
    .description('commit a draft: from then on its files never change')
    .argument('<model@version>', 'a model and the number of a draft')
    .action(async (text: string) => {
      const client = await cli.client()
      const { model, version } = await findNamedVersion(client, text)
      const path = { id: model.id, version: version.version }
      const body = { isCommitted: true }
      const committed = await dataOf(client.PUT('/v1/models/{id}/versions/{version}', { params: { path }, body }))
      await cli.answer(committed, record(committed))
    })
