import { getUpload } from '../../../../registry/uploads/get-upload.ts'
import { defineRoute } from '../../../route.ts'
import { presentUpload, UploadBody, UploadParams } from '../../resources/upload.ts'

export const getUploadRoute = defineRoute({
  id: 'getUpload',
  method: 'GET',
  path: '/models/{id}/versions/{version}/uploads/{upload}',
  permission: 'file.put',
  tag: 'Uploads',
  summary: 'Show an upload in parts',
  description: 'For a day after its end, too.',
  params: UploadParams,
  response: UploadBody,
  async handle({ registry, actor, params }) {
    const upload = await getUpload(registry, actor, {
      modelId: params.id,
      ref: params.version,
      uploadId: params.upload,
    })
    return presentUpload(upload)
  },
})
