import { getStorageProvider as get } from '../../../../registry/storage-providers/get-storage-provider.ts'
import { defineOperation } from '../../../operation.ts'
import { presentStorageProvider, StorageProviderBody } from '../../resources/storage-provider.ts'
import { Id } from '../../schema.ts'

export const getStorageProvider = defineOperation({
  id: 'getStorageProvider',
  method: 'GET',
  path: '/storage-providers/{id}',
  access: 'reader',
  tag: 'Storage providers',
  summary: 'Get a storage provider',
  params: Id,
  response: StorageProviderBody,
  async handle({ registry, actor, params }) {
    const provider = await get(registry, actor, params.id)
    return presentStorageProvider(provider)
  },
})
