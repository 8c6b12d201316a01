import { Command } from 'commander'
import type { ClientCommand } from '../../context.ts'
import { findVersion } from '../../find-model.ts'
import { record } from '../../table.ts'

export const getVersion: ClientCommand = cli =>
  new Command('get')
    .description('show a version')
    .argument('<model[@version]>', 'a model, and a version number or alias; `latest` when left out')
    .action(async (text: string) => {
      const { version } = await findVersion(await cli.client(), text)
      await cli.answer(version, record(version))
    })
