import { deleteUpload } from '../../../../registry/uploads/delete-upload.ts'
import { defineRoute } from '../../../route.ts'
import { presentUpload, UploadBody, UploadParams } from '../../resources/upload.ts'

export const deleteUploadRoute = defineRoute({
  id: 'deleteUpload',
  method: 'DELETE',
  path: '/models/{id}/versions/{version}/uploads/{upload}',
  permission: 'file.put',
  tag: 'Uploads',
  summary: 'Give up an upload in parts',
  description: 'What has been received of it is removed.',
  params: UploadParams,
  response: UploadBody,
  async handle({ registry, actor, params }) {
    const upload = await deleteUpload(registry, actor, {
      modelId: params.id,
      ref: params.version,
      uploadId: params.upload,
    })
    return presentUpload(upload)
  },
})
