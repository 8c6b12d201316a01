import { listStorageProviders } from '../../../../registry/storage-providers/list-storage-providers.ts'
import { defineRoute } from '../../../route.ts'
import { presentStorageProvider, StorageProviderBody } from '../../resources/storage-provider.ts'
import { PageOf, PageQuery, presentPage } from '../../schema.ts'

export const listStorageProvidersRoute = defineRoute({
  id: 'listStorageProviders',
  method: 'GET',
  path: '/storage-providers',
  permission: 'storage-provider.read',
  tag: 'Storage providers',
  summary: 'List storage providers',
  query: PageQuery({}),
  response: PageOf(StorageProviderBody),
  async handle({ registry, actor, query }) {
    const page = await listStorageProviders(registry, actor, query)
    return presentPage(page, presentStorageProvider)
  },
})
