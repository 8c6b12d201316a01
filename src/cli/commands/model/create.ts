import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { adviseDuplicate, duplicateOption, type NamesakeOptions } from '../../namesakes.ts'
import { record } from '../../table.ts'

interface Options extends NamesakeOptions {
  name: string
  description?: string
  isPublic?: boolean
  project?: string
  storageProvider?: string
}

export const createModel: ClientCommand = cli =>
  new Command('create')
    .description('create a model; versions are added to it with `holotype push`')
    .requiredOption('-n, --name <name>', 'its name')
    .addOption(duplicateOption())
    .option('-d, --description <text>', 'what it is')
    .option('--is-public', 'let every key of the registry read it')
    .option('-p, --project <id>', 'the project to put it in')
    .option('-s, --storage-provider <id>', 'where to keep its bytes')
    .action(async ({ name, description, isPublic, project, storageProvider, duplicate }: Options) => {
      const body = {
        name,
        ...(description !== undefined && { description }),
        isPublic: isPublic === true,
        ...(project !== undefined && { projectId: project }),
        ...(storageProvider !== undefined && { storageProviderId: storageProvider }),
        ...(!duplicate && { uniqueName: true }),
      }
      const model = await adviseDuplicate(dataOf((await cli.client()).POST('/v1/models', { body })))
      await cli.answer(model, record(model))
    })
