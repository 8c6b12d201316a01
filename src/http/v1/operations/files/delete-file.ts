import { Type } from 'typebox'
import { deleteFile as remove } from '../../../../registry/files/delete-file.ts'
import { allowsWrite } from '../../../conditions.ts'
import { etagOf } from '../../../digests.ts'
import { defineOperation } from '../../../operation.ts'
import { FileParams } from '../../resources/file.ts'

export const deleteFile = defineOperation({
  id: 'deleteFile',
  method: 'DELETE',
  path: '/models/{id}/versions/{version}/files/{path+}',
  access: 'writer',
  tag: 'Files',
  summary: 'Take a file out of a draft',
  params: FileParams,
  response: Type.Object({ modelId: Type.String(), path: Type.String(), version: Type.String() }),
  async handle({ registry, actor, params, request }) {
    const version = await remove(registry, actor, {
      modelId: params.id,
      ref: params.version,
      path: params.path,
      condition: current => allowsWrite(request.headers, current && etagOf(current)),
    })
    return { modelId: version.modelId, path: params.path, version: String(version.number) }
  },
})
