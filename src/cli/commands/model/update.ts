import { Command, Option } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { usageError } from '../../errors.ts'
import { findModel } from '../../find-model.ts'
import { adviseDuplicate, duplicateOption, type NamesakeOptions } from '../../namesakes.ts'
import { record } from '../../table.ts'

interface Options extends NamesakeOptions {
  name?: string
  description?: string
  isPublic?: boolean
  isPrivate?: boolean
}

export const updateModel: ClientCommand = cli =>
  new Command('update')
    .description('change what is said about a model; what is left out stays')
    .argument('<model>', 'its id or name')
    .option('-n, --name <name>', 'its new name')
    .addOption(duplicateOption())
    .option('-d, --description <text>', 'what it is; an empty text takes the description away')
    .addOption(new Option('--is-public', 'let every key of the registry read it').conflicts('isPrivate'))
    .option('--is-private', 'let only its own team read it')
    .action(async (text: string, { name, description, isPublic, isPrivate, duplicate }: Options) => {
      const body = {
        ...(name !== undefined && { name, uniqueName: !duplicate }),
        ...(description !== undefined && { description: description === '' ? null : description }),
        ...((isPublic || isPrivate) && { isPublic: isPublic === true }),
      }
      if (Object.keys(body).length === 0) throw usageError('there is nothing to change', 'Give --name, for example.')
      const client = await cli.client()
      const { id } = await findModel(client, text)
      const model = await adviseDuplicate(dataOf(client.PUT('/v1/models/{id}', { params: { path: { id } }, body })))
      await cli.answer(model, record(model))
    })
