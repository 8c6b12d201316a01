import { listUploads } from '../../../../registry/uploads/list-uploads.ts'
import { defineRoute } from '../../../route.ts'
import { presentUpload, UploadBody } from '../../resources/upload.ts'
import { VersionParams } from '../../resources/version.ts'
import { LongPageQuery, PageOf, presentPage } from '../../schema.ts'

export const listUploadsRoute = defineRoute({
  id: 'listUploads',
  method: 'GET',
  path: '/models/{id}/versions/{version}/uploads',
  permission: 'file.put',
  tag: 'Uploads',
  summary: 'List the uploads in parts that are open or being verified',
  params: VersionParams,
  query: LongPageQuery({}),
  response: PageOf(UploadBody),
  async handle({ registry, actor, params, query }) {
    const page = await listUploads(registry, actor, { ...query, modelId: params.id, ref: params.version })
    return presentPage(page, presentUpload)
  },
})
