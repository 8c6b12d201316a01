import { type Static, Type } from 'typebox'
import type { StorageProvider } from '../../../domain/storage-provider.ts'
import { Nullable } from '../schema.ts'

const S3Config = Type.Object({
  accessKey: Type.String(),
  bucket: Type.String(),
  endpoint: Nullable(Type.String()),
  region: Nullable(Type.String()),
  retainData: Nullable(Type.Boolean()),
  secretAccessKey: Type.String(),
  signatureVersion: Nullable(Type.String()),
})

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
    // The contract has this object for every provider; the managed one has nothing to fill it with.
    s3Config: {
      accessKey: '',
      bucket: '',
      endpoint: null,
      region: null,
      retainData: false,
      secretAccessKey: '',
      signatureVersion: null,
    },
  }
}
