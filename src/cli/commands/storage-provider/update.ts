import { Argument, Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { record } from '../../table.ts'
import { type S3Options, toS3Config, withS3Options } from './s3-options.ts'

export const updateStorageProvider: ClientCommand = cli =>
  withS3Options(
    new Command('update')
      .description('change a storage provider; what is left out stays as it is')
      .addArgument(new Argument('<kind>', 'what it is').choices(['s3']))
      .argument('<id>', 'its id, sp…')
      .option('-n, --name <name>', 'its new name')
      .option('--bucket <bucket>', 'the name of the bucket'),
  ).action(async (_kind: 's3', id: string, options: S3Options) => {
    const { name, isTeamDefault } = options
    const s3Config = await toS3Config(cli, options)
    const body = {
      ...(name !== undefined && { name }),
      ...(isTeamDefault !== undefined && { isTeamDefault }),
      ...(Object.keys(s3Config).length > 0 && { s3Config }),
    }
    const client = await cli.client()
    const provider = await dataOf(client.PUT('/v1/storage-providers/{id}', { params: { path: { id } }, body }))
    await cli.answer(provider, record({ id: provider.id, name: provider.name }))
  })
