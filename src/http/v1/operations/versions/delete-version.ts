import { Type } from 'typebox'
import { deleteVersion as remove } from '../../../../registry/versions/delete-version.ts'
import { defineOperation } from '../../../operation.ts'
import { VersionParams } from '../../resources/version.ts'

export const deleteVersion = defineOperation({
  id: 'deleteVersion',
  method: 'DELETE',
  path: '/models/{id}/versions/{version}',
  access: 'writer',
  tag: 'Versions',
  summary: 'Delete a version',
  description: 'Refused while an alias points at it. Its number is never used again.',
  params: VersionParams,
  response: Type.Object({ modelId: Type.String(), version: Type.String() }),
  async handle({ registry, actor, params }) {
    const version = await remove(registry, actor, { modelId: params.id, ref: params.version })
    return { modelId: version.modelId, version: String(version.number) }
  },
})
