import { Command } from 'commander'
import type { ClientCommand } from '../../context.ts'
import { findModel } from '../../find-model.ts'
import { record } from '../../table.ts'

export const getModel: ClientCommand = cli =>
  new Command('get')
    .description('show a model')
    .argument('<model>', 'its id or name')
    .action(async (text: string) => {
      const model = await findModel(await cli.client(), text)
      await cli.answer(model, record(model))
    })
