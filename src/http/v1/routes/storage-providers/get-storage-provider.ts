import { getStorageProvider } from '../../../../registry/storage-providers/get-storage-provider.ts'
import { defineRoute } from '../../../route.ts'
import { presentStorageProvider, StorageProviderBody } from '../../resources/storage-provider.ts'
import { Id } from '../../schema.ts'

export const getStorageProviderRoute = defineRoute({
  id: 'getStorageProvider',
  method: 'GET',
  path: '/storage-providers/{id}',
  permission: 'storage-provider.read',
  tag: 'Storage providers',
  summary: 'Get a storage provider',
  params: Id,
  response: StorageProviderBody,
  async handle({ registry, actor, params }) {
    const provider = await getStorageProvider(registry, actor, params.id)
    return presentStorageProvider(provider)
  },
})
