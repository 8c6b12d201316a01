import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { record } from '../../table.ts'

export const createTeam: ClientCommand = cli =>
  new Command('create')
    .description('create a team and its first admin key; only with an instance-admin key')
    .argument('<namespace>', 'its unique name')
    .action(async (namespace: string) => {
      const team = await dataOf((await cli.client()).POST('/v1/teams', { body: { namespace } }))
      const { apiKey, ...facts } = team
      await cli.answer(team, record({ ...facts, apiKeyId: apiKey.id, apiKey: apiKey.key }))
      cli.say('Keep the key now: it is shown only this once.')
    })
