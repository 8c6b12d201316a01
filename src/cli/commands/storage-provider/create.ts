import { Argument, Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { record } from '../../table.ts'
import { type S3Options, toS3Config, withS3Options } from './s3-options.ts'

interface Options extends S3Options {
  name: string
  bucket: string
}

export const createStorageProvider: ClientCommand = cli =>
  withS3Options(
    new Command('create')
      .description('keep bytes in a bucket of an S3 store; it is tried out first')
      .addArgument(new Argument('<kind>', 'what it is').choices(['s3']))
      .requiredOption('-n, --name <name>', 'its name')
      .requiredOption('--bucket <bucket>', 'the name of the bucket'),
  ).action(async (_kind: 's3', options: Options) => {
    const { name, bucket, isTeamDefault } = options
    const body = {
      name,
      ...(isTeamDefault !== undefined && { isTeamDefault }),
      storageProviderType: 's3' as const,
      s3Config: { ...(await toS3Config(cli, options)), bucket },
    }
    const provider = await dataOf((await cli.client()).POST('/v1/storage-providers', { body }))
    await cli.answer(provider, record({ id: provider.id, name: provider.name }))
  })
