import { Type } from 'typebox'
import { deleteFile } from '../../../../registry/files/delete-file.ts'
import { allowsWrite } from '../../../conditions.ts'
import { etagOf } from '../../../digests.ts'
import { defineRoute } from '../../../route.ts'
import { FileParams } from '../../resources/file.ts'

export const deleteFileRoute = defineRoute({
  id: 'deleteFile',
  method: 'DELETE',
  path: '/models/{id}/versions/{version}/files/{path+}',
  permission: 'file.delete',
  tag: 'Files',
  summary: 'Take a file out of a draft',
  params: FileParams,
  response: Type.Object({ modelId: Type.String(), path: Type.String(), version: Type.String() }),
  async handle({ registry, actor, params, request }) {
    const version = await deleteFile(registry, actor, {
      modelId: params.id,
      ref: params.version,
      path: params.path,
      condition: current => allowsWrite(request.headers, current && etagOf(current)),
    })
    return { modelId: version.modelId, path: params.path, version: String(version.number) }
  },
})
