import { deleteStorageProvider } from '../../../../registry/storage-providers/delete-storage-provider.ts'
import { defineRoute } from '../../../route.ts'
import { Id } from '../../schema.ts'

export const deleteStorageProviderRoute = defineRoute({
  id: 'deleteStorageProvider',
  method: 'DELETE',
  path: '/storage-providers/{id}',
  permission: 'storage-provider.delete',
  tag: 'Storage providers',
  summary: 'Delete a storage provider',
  description: 'Refused while bytes are in it or a model names it, and for the default of the team.',
  params: Id,
  response: Id,
  async handle({ registry, actor, params }) {
    return await deleteStorageProvider(registry, actor, params.id)
  },
})
