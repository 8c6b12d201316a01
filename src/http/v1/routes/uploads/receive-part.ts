import { Type } from 'typebox'
import { invalidArgument } from '../../../../domain/errors.ts'
import { receivePart } from '../../../../registry/uploads/receive-part.ts'
import { etagOf, readExpectations } from '../../../digests.ts'
import { defineRoute } from '../../../route.ts'
import { PartBody } from '../../resources/upload.ts'

export const receivePartRoute = defineRoute({
  id: 'receivePart',
  method: 'PUT',
  path: '/uploads/{upload}/parts/{number}',
  permission: 'part.put',
  tag: 'Uploads',
  summary: 'Send one part of an upload',
  description: 'By the URL that `offerParts` has given. The signature takes the place of a key.',
  params: Type.Object({ upload: Type.String(), number: Type.Integer({ minimum: 1, maximum: 10_000 }) }),
  query: Type.Object(
    {
      expires: Type.Integer({ minimum: 0, maximum: 999_999_999_999_999, description: 'In ms since 1970.' }),
      sha256: Type.Optional(Type.String()),
      signature: Type.String(),
    },
    { additionalProperties: false },
  ),
  takes: 'bytes',
  response: PartBody,
  async handle({ registry, params, query, body, request, reply }) {
    const declared = readExpectations(request.raw)
    const { sha256 = declared.sha256, expires, signature } = query
    if (declared.sha256 !== undefined && declared.sha256 !== sha256) {
      throw invalidArgument('sha256', 'is not the one for which the URL of this part was signed')
    }
    const grant = { uploadId: params.upload, number: params.number, expiresAt: expires, sha256: query.sha256 }
    const part = await receivePart(registry, { grant, signature, declared: { ...declared, sha256 } }, body)
    // As S3 has it: clients that were made for S3 look for it.
    reply.header('etag', etagOf({ sha256: part.sha256 ?? '' }))
    return { isReceived: true, number: part.number, sha256: part.sha256, size: part.size }
  },
})
