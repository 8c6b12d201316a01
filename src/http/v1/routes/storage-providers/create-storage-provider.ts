import { Type } from 'typebox'
import { createStorageProvider } from '../../../../registry/storage-providers/create-storage-provider.ts'
import { defineRoute } from '../../../route.ts'
import {
  ProviderName,
  presentStorageProvider,
  S3ConfigInput,
  StorageProviderBody,
  toS3Input,
} from '../../resources/storage-provider.ts'
import { OneOf } from '../../schema.ts'

export const createStorageProviderRoute = defineRoute({
  id: 'createStorageProvider',
  method: 'POST',
  path: '/storage-providers',
  permission: 'storage-provider.create',
  tag: 'Storage providers',
  summary: 'Create a storage provider',
  description:
    'A bucket of an S3 store. Before the answer the registry has written, read, listed and deleted there; an error names the step that failed and what the store said.',
  body: Type.Object(
    {
      isTeamDefault: Type.Optional(Type.Boolean()),
      name: ProviderName,
      s3Config: S3ConfigInput,
      storageProviderType: OneOf(['s3']),
    },
    { additionalProperties: false },
  ),
  response: StorageProviderBody,
  async handle({ registry, actor, body }) {
    const { name, isTeamDefault, s3Config } = body
    const provider = await createStorageProvider(registry, actor, { name, isTeamDefault, s3: toS3Input(s3Config) })
    return presentStorageProvider(provider)
  },
})
