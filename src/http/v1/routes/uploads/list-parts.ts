import { listParts } from '../../../../registry/uploads/list-parts.ts'
import { defineRoute } from '../../../route.ts'
import { PartBody, UploadParams } from '../../resources/upload.ts'
import { PageOf, PathPageQuery, presentPage } from '../../schema.ts'

export const listPartsRoute = defineRoute({
  id: 'listParts',
  method: 'GET',
  path: '/models/{id}/versions/{version}/uploads/{upload}/parts',
  permission: 'file.put',
  tag: 'Uploads',
  summary: 'List the parts of an upload',
  description: 'Sorted by number. An upload that was interrupted goes on with those that have not been received.',
  params: UploadParams,
  query: PathPageQuery,
  response: PageOf(PartBody),
  async handle({ registry, actor, params, query }) {
    const page = await listParts(registry, actor, {
      ...query,
      modelId: params.id,
      ref: params.version,
      uploadId: params.upload,
    })
    return presentPage(page, ({ isReceived, number, sha256, size }) => ({ isReceived, number, sha256, size }))
  },
})
