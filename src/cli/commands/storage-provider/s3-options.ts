/** The options of a bucket, as the official Paperspace client has them, and ours. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Cli } from '../../context.ts'
import { usageError } from '../../errors.ts'
import { askSecret } from '../../prompts.ts'
import { readStdin } from '../../read-stdin.ts'

export interface S3Options {
  name?: string
  bucket?: string
  accessKey?: string
  secretAccessKey?: string
  endpoint?: string
  region?: string
  signatureVersion?: string
  retainData?: boolean
  isTeamDefault?: boolean
  prefix?: string
  pathStyle?: boolean
  checksums?: 'sha256' | 'none'
}

export function withS3Options(command: Command): Command {
  return command
    .option('--access-key <key>', 'the access key')
    .option('--secret-access-key <secret>', 'the secret of the access key; `-` reads it from stdin')
    .option('--endpoint <url>', 'the URL of the store, unless it is AWS')
    .option('--region <region>', "the bucket's region")
    .option('--prefix <prefix>', 'what the key of every object begins with')
    .option('--path-style [yes]', "the bucket's name is in the path of URLs (=false: in the host's name)", parseFlag)
    .addOption(new Option('--checksums <mode>', 'none: the store knows no sha256 header').choices(['sha256', 'none']))
    .option('--signature-version <version>', 'v4, the only one there is')
    .option('--retain-data [yes]', 'kept as it is given, as the official client has it', parseFlag)
    .option('--is-team-default [yes]', 'where bytes of models go that name no storage provider', parseFlag)
}

/** The body's `s3Config`. */
export async function toS3Config(cli: Cli, options: S3Options) {
  const { bucket, accessKey, endpoint, region, signatureVersion, retainData, prefix, pathStyle, checksums } = options
  const secretAccessKey = await readSecret(cli, options)
  const given = { accessKey, secretAccessKey, endpoint, region, signatureVersion, retainData, prefix, pathStyle }
  return { ...leaveOut(given), ...(bucket !== undefined && { bucket }), ...(checksums && { checksums }) }
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> }

function leaveOut<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>
}

/** Other users of a machine see what is typed on a command line. */
async function readSecret(cli: Cli, { accessKey, secretAccessKey }: S3Options): Promise<string | undefined> {
  if (secretAccessKey === '-') return await readStdin(cli, () => usageError('what stands on stdin is no secret', ''))
  if (secretAccessKey !== undefined || accessKey === undefined) return secretAccessKey
  return await askSecret(cli, 'Secret access key')
}

function parseFlag(text: string): boolean {
  if (text === 'true' || text === 'yes') return true
  if (text === 'false' || text === 'no') return false
  throw new InvalidArgumentError('It must be true or false.')
}
