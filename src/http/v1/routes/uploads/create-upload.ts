import { createUpload } from '../../../../registry/uploads/create-upload.ts'
import { parseMediaType } from '../../../digests.ts'
import { defineRoute } from '../../../route.ts'
import { NewUploadBody, presentUpload, UploadBody } from '../../resources/upload.ts'
import { VersionParams } from '../../resources/version.ts'

export const createUploadRoute = defineRoute({
  id: 'createUpload',
  method: 'POST',
  path: '/models/{id}/versions/{version}/uploads',
  permission: 'file.put',
  tag: 'Uploads',
  summary: 'Begin to upload a file in parts',
  description:
    'For large files: parts may be sent in any order and at the same time, and an upload that was interrupted goes on where it was. The sha256, if given, is compared with the bytes before they become a file.',
  params: VersionParams,
  body: NewUploadBody,
  response: UploadBody,
  async handle({ registry, actor, params, body: { path, size, sha256, contentType } }) {
    const upload = await createUpload(registry, actor, {
      modelId: params.id,
      ref: params.version,
      path,
      size,
      sha256: sha256 ?? undefined,
      contentType: parseMediaType(contentType),
    })
    return presentUpload(upload)
  },
})
