import { Type } from 'typebox'
import { getStorageUtilization } from '../../../../registry/storage-providers/get-storage-utilization.ts'
import { defineRoute } from '../../../route.ts'

const Bytes = Type.String({ description: 'A number of bytes, as a decimal number in a string.' })

export const getStorageUtilizationRoute = defineRoute({
  id: 'getStorageUtilization',
  method: 'GET',
  path: '/storage-providers/utilization',
  permission: 'storage-provider.read',
  tag: 'Storage providers',
  summary: 'How much the team has stored, and what still fits',
  response: Type.Object(
    {
      datasetUsage: Bytes,
      modelUsage: Bytes,
      notebookWorkspaceUsage: Bytes,
      remainingFreeStorage: Bytes,
      sharedStorageUsage: Bytes,
      totalFreeStorage: Bytes,
      totalUsage: Bytes,
    },
    { title: 'StorageUtilization' },
  ),
  async handle({ registry, actor }) {
    const { modelBytes, freeBytes = 0 } = await getStorageUtilization(registry, actor)
    return {
      // Datasets, notebooks and shared drives are kept by other products; here there are only models.
      datasetUsage: '0',
      modelUsage: String(modelBytes),
      notebookWorkspaceUsage: '0',
      remainingFreeStorage: String(freeBytes),
      sharedStorageUsage: '0',
      totalFreeStorage: String(freeBytes + modelBytes),
      totalUsage: String(modelBytes),
    }
  },
})
