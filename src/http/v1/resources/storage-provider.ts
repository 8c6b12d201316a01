import { type Static, Type } from 'typebox'
import { S3_CHECKSUMS, type S3Checksums } from '../../../domain/s3-location.ts'
import { SECRET_MASK, type StorageProvider } from '../../../domain/storage-provider.ts'
import { Nullable, ONE_LINE, OneOf } from '../schema.ts'

/** Contract and additions of ours (`checksums`, `pathStyle`, `prefix`) in one alphabet. */
const S3Config = Type.Object({
  accessKey: Type.String(),
  bucket: Type.String(),
  checksums: Type.Unsafe<S3Checksums | null>({ type: ['string', 'null'], enum: [...S3_CHECKSUMS, null] }),
  endpoint: Nullable(Type.String()),
  pathStyle: Nullable(Type.Boolean()),
  prefix: Nullable(Type.String()),
  region: Nullable(Type.String()),
  retainData: Nullable(Type.Boolean()),
  secretAccessKey: Type.String({ description: `Never the secret itself: \`${SECRET_MASK}\` where there is one.` }),
  signatureVersion: Nullable(Type.String()),
})

const OptionalText = (description: string) => Type.Optional(Nullable(Type.String({ description })))

const s3Fields = {
  accessKey: OptionalText(
    'Without keys the credentials of the machine are used, where its operator allows that for the bucket.',
  ),
  checksums: Type.Optional(
    OneOf(
      S3_CHECKSUMS,
      'Whether the store compares a sha256 that each write carries (the default), or does not know that header.',
    ),
  ),
  endpoint: OptionalText('The URL of the store, unless it is AWS.'),
  pathStyle: Type.Optional(
    Nullable(
      Type.Boolean({
        description: "Whether the bucket's name is in the path of URLs; so unless given where there is an endpoint.",
      }),
    ),
  ),
  prefix: OptionalText('What the key of every object begins with. No two registries may share one.'),
  region: OptionalText('Of the bucket.'),
  retainData: Type.Optional(
    Nullable(
      Type.Boolean({ description: 'Kept as it is given; a provider can be deleted only when it holds nothing.' }),
    ),
  ),
  secretAccessKey: OptionalText(
    `\`${SECRET_MASK}\` or nothing keeps the known one, unless the endpoint or the access key changes.`,
  ),
  signatureVersion: OptionalText('`v4`, the only one there still is.'),
}

export const S3ConfigInput = Type.Object({ ...s3Fields, bucket: Type.String() }, { additionalProperties: false })

export const S3ConfigChange = Type.Object(
  { ...s3Fields, bucket: Type.Optional(Type.String()) },
  { additionalProperties: false },
)

export const ProviderName = Type.String({ minLength: 1, maxLength: 120, ...ONE_LINE })

/** The registry's words for the fields of a body. */
export function toS3Input<T extends Static<typeof S3ConfigChange>>({ pathStyle, ...fields }: T) {
  return { ...fields, isPathStyle: pathStyle }
}

export const StorageProviderBody = Type.Object(
  {
    id: Type.String(),
    isManaged: Type.Boolean({ description: 'Whether the registry itself keeps the bytes, in its data directory.' }),
    isTeamDefault: Nullable(Type.Boolean()),
    name: Type.String(),
    s3Config: S3Config,
  },
  { title: 'StorageProvider' },
)

export function presentStorageProvider(provider: StorageProvider): Static<typeof StorageProviderBody> {
  return {
    id: provider.id,
    isManaged: provider.kind === 'local',
    isTeamDefault: provider.isTeamDefault,
    name: provider.name,
    s3Config: presentS3Config(provider),
  }
}

function presentS3Config(provider: StorageProvider): Static<typeof S3Config> {
  // The contract has this object for every provider; the managed one has nothing to fill it with.
  if (provider.kind === 'local') {
    return {
      accessKey: '',
      bucket: '',
      checksums: null,
      endpoint: null,
      pathStyle: null,
      prefix: null,
      region: null,
      retainData: false,
      secretAccessKey: '',
      signatureVersion: null,
    }
  }
  const { accessKey, bucket, checksums, endpoint, isPathStyle, prefix, region, retainData, signatureVersion } =
    provider.settings
  return {
    accessKey: accessKey ?? '',
    bucket,
    checksums,
    endpoint,
    pathStyle: isPathStyle,
    prefix,
    region,
    retainData,
    secretAccessKey: provider.sealedSecret === null ? '' : SECRET_MASK,
    signatureVersion,
  }
}
