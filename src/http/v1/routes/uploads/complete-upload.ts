import { Type } from 'typebox'
import { completeUpload } from '../../../../registry/uploads/complete-upload.ts'
import { defineRoute } from '../../../route.ts'
import { presentUpload, UploadBody, UploadParams } from '../../resources/upload.ts'
import { Nullable } from '../../schema.ts'

export const completeUploadRoute = defineRoute({
  id: 'completeUpload',
  method: 'POST',
  path: '/models/{id}/versions/{version}/uploads/{upload}/complete',
  permission: 'file.put',
  tag: 'Uploads',
  summary: 'Complete an upload in parts',
  description:
    'The answer comes before the bytes have been proven: ask for the upload until its `state` is `complete` or `failed`. May be repeated. The body may be left out: the registry knows which parts have been received.',
  params: UploadParams,
  body: Nullable(
    Type.Object(
      {
        parts: Type.Optional(
          Type.Array(Type.Object({ number: Type.Integer(), etag: Type.Optional(Type.String()) }), { maxItems: 10_000 }),
        ),
      },
      { additionalProperties: false },
    ),
  ),
  response: UploadBody,
  async handle({ registry, actor, params }) {
    const upload = await completeUpload(registry, actor, {
      modelId: params.id,
      ref: params.version,
      uploadId: params.upload,
    })
    return presentUpload(upload)
  },
})
