import { Type } from 'typebox'
import { deleteVersion } from '../../../../registry/versions/delete-version.ts'
import { defineRoute } from '../../../route.ts'
import { VersionParams } from '../../resources/version.ts'

export const deleteVersionRoute = defineRoute({
  id: 'deleteVersion',
  method: 'DELETE',
  path: '/models/{id}/versions/{version}',
  permission: 'version.delete',
  tag: 'Versions',
  summary: 'Delete a version',
  description: 'Refused while an alias points at it. Its number is never used again.',
  params: VersionParams,
  response: Type.Object({ modelId: Type.String(), version: Type.String() }),
  async handle({ registry, actor, params }) {
    const version = await deleteVersion(registry, actor, { modelId: params.id, ref: params.version })
    return { modelId: version.modelId, version: String(version.number) }
  },
})
