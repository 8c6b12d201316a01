import { Type } from 'typebox'
import { offerParts } from '../../../../registry/uploads/offer-parts.ts'
import { defineRoute } from '../../../route.ts'
import { PartOfferBody, presentOffer, UploadParams } from '../../resources/upload.ts'

/** For one request: each is signed, and a client asks again before its URLs end. */
const PARTS_MAX = 100

export const offerPartsRoute = defineRoute({
  id: 'offerParts',
  method: 'POST',
  path: '/models/{id}/versions/{version}/uploads/{upload}/parts',
  permission: 'file.put',
  tag: 'Uploads',
  summary: 'Ask how to send some parts of an upload',
  description:
    'Send the bytes of each part by the method, to the URL and with the headers of its item, and without a key. A part may be sent again until the upload is completed: the last sending counts.',
  params: UploadParams,
  body: Type.Object(
    {
      numbers: Type.Array(Type.Integer({ minimum: 1 }), {
        minItems: 1,
        maxItems: PARTS_MAX,
        description: 'The first part is 1.',
      }),
      sha256s: Type.Optional(
        Type.Array(Type.String(), {
          maxItems: PARTS_MAX,
          description: 'sha256 of each of these parts, in hex: other bytes are refused then.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({ items: Type.Array(PartOfferBody) }),
  async handle({ registry, actor, params, body, baseUrl }) {
    const offers = await offerParts(registry, actor, {
      ...body,
      modelId: params.id,
      ref: params.version,
      uploadId: params.upload,
    })
    return { items: offers.map(offer => presentOffer(offer, baseUrl)) }
  },
})
