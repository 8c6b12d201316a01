import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { findModel } from '../../find-model.ts'
import { record } from '../../table.ts'

export const setAlias: ClientCommand = cli =>
  new Command('set')
    .description('point an alias at a committed version, in one step')
    .argument('<model>', 'its id or name')
    .argument('<alias>', 'such as production')
    .argument('<version>', 'a version number, another alias, or `latest`')
    .option('--expect <version>', 'only if it points at this version now; `none`: only if there is no such alias')
    .action(async (text: string, alias: string, version: string, { expect }: { expect?: string }) => {
      const client = await cli.client()
      const path = { id: (await findModel(client, text)).id, alias }
      const answer = await dataOf(
        client.PUT('/v1/models/{id}/aliases/{alias}', { params: { path }, body: { version, ...expectation(expect) } }),
      )
      await cli.answer(answer, record(answer))
    })

function expectation(expect: string | undefined): { expectedVersion?: string | null } {
  return expect === undefined ? {} : { expectedVersion: expect === 'none' ? null : expect }
}
