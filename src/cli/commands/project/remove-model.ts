import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { findModel } from '../../find-model.ts'
import { record } from '../../table.ts'

export const removeProjectModel: ClientCommand = cli =>
  new Command('remove-model')
    .description('take a model out of a project; the model stays')
    .argument('<id>', 'the id of the project, pr…')
    .argument('<model>', 'the id or name of the model')
    .action(async (id: string, text: string) => {
      const client = await cli.client()
      const path = { id, modelId: (await findModel(client, text)).id }
      const model = await dataOf(client.DELETE('/v1/projects/{id}/models/{modelId}', { params: { path } }))
      await cli.answer(model, record(model))
    })
