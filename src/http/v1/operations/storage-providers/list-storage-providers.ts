import { listStorageProviders as list } from '../../../../registry/storage-providers/list-storage-providers.ts'
import { defineOperation } from '../../../operation.ts'
import { presentStorageProvider, StorageProviderBody } from '../../resources/storage-provider.ts'
import { PageOf, PageQuery, presentPage } from '../../schema.ts'

export const listStorageProviders = defineOperation({
  id: 'listStorageProviders',
  method: 'GET',
  path: '/storage-providers',
  access: 'reader',
  tag: 'Storage providers',
  summary: 'List storage providers',
  query: PageQuery({}),
  response: PageOf(StorageProviderBody),
  async handle({ registry, actor, query }) {
    const page = await list(registry, actor, query)
    return presentPage(page, presentStorageProvider)
  },
})
