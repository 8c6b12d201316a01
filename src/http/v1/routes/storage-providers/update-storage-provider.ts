import { Type } from 'typebox'
import { updateStorageProvider } from '../../../../registry/storage-providers/update-storage-provider.ts'
import { defineRoute } from '../../../route.ts'
import {
  ProviderName,
  presentStorageProvider,
  S3ConfigChange,
  StorageProviderBody,
  toS3Input,
} from '../../resources/storage-provider.ts'
import { Id } from '../../schema.ts'

export const updateStorageProviderRoute = defineRoute({
  id: 'updateStorageProvider',
  method: 'PUT',
  path: '/storage-providers/{id}',
  permission: 'storage-provider.update',
  tag: 'Storage providers',
  summary: 'Change a storage provider',
  description: 'What is left out stays as it is. New settings are tried out as those of a new one are.',
  params: Id,
  body: Type.Object(
    {
      isTeamDefault: Type.Optional(Type.Boolean()),
      name: Type.Optional(ProviderName),
      s3Config: Type.Optional(S3ConfigChange),
    },
    { additionalProperties: false },
  ),
  response: StorageProviderBody,
  async handle({ registry, actor, params, body }) {
    const { name, isTeamDefault, s3Config } = body
    const change = { id: params.id, name, isTeamDefault, s3: s3Config && toS3Input(s3Config) }
    return presentStorageProvider(await updateStorageProvider(registry, actor, change))
  },
})
