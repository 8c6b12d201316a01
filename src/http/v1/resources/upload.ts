import { type Static, Type } from 'typebox'
import { countParts, type PartedUpload } from '../../../domain/upload.ts'
import type { PartOffer } from '../../../registry/uploads/offer-parts.ts'
import { DateTime, Nullable, OneOf, toDate } from '../schema.ts'
import { VersionParams } from './version.ts'

export const UploadParams = Type.Object({
  ...VersionParams.properties,
  upload: Type.String({ description: 'The id of the upload.' }),
})

const Bytes = Type.Integer({ minimum: 0, description: 'In bytes.' })
const Sha256 = Type.String({ description: 'sha256, in hex.' })

export const NewUploadBody = Type.Object(
  {
    contentType: Type.Optional(Type.String()),
    path: Type.String(),
    sha256: Type.Optional(Nullable(Sha256)),
    size: Bytes,
  },
  { additionalProperties: false },
)

export const UploadBody = Type.Object(
  {
    dtCreated: DateTime,
    dtExpires: Type.String({
      format: 'date-time',
      description:
        'When it is given up unless another part is asked for or arrives; after its end, when it is forgotten.',
    }),
    id: Type.String(),
    partCount: Type.Integer(),
    partSize: Type.Integer({ description: 'Of each part in bytes; the last one may be smaller.' }),
    path: Type.String(),
    problem: Nullable(Type.String({ description: 'Why it has failed.' })),
    receivedBytes: Bytes,
    sha256: Nullable(Sha256),
    size: Bytes,
    state: OneOf(
      ['open', 'verifying', 'complete', 'failed'],
      '`open`: parts may be sent. `verifying`: the whole is read to prove its sha256. `complete`: the file is in the version. `failed`: nothing was kept.',
    ),
  },
  { title: 'Upload' },
)

export function presentUpload(upload: PartedUpload): Static<typeof UploadBody> {
  return {
    dtCreated: toDate(upload.createdAt),
    dtExpires: toDate(upload.expiresAt),
    id: upload.id,
    partCount: countParts(upload),
    partSize: upload.partSize,
    path: upload.path,
    problem: upload.problem,
    receivedBytes: upload.receivedBytes,
    sha256: upload.sha256,
    size: upload.size,
    state: upload.state,
  }
}

export const PartOfferBody = Type.Object(
  {
    dtExpires: Type.String({ format: 'date-time', description: 'Until when the URL can be used.' }),
    headers: Type.Object({}, { additionalProperties: Type.String(), description: 'To be sent exactly as they are.' }),
    method: Type.String(),
    number: Type.Integer(),
    size: Bytes,
    url: Type.String({
      description:
        'Needs no key: it is signed for this one part. Where the public URL of the registry is not set, a path on its own server.',
    }),
  },
  { title: 'PartOffer' },
)

export function presentOffer({ number, size, by }: PartOffer, baseUrl: string): Static<typeof PartOfferBody> {
  if ('store' in by) {
    const { method, url, headers, expiresAt } = by.store
    return { dtExpires: toDate(expiresAt), headers, method, number, size, url }
  }
  const { uploadId, expiresAt, sha256 } = by.grant
  const query = new URLSearchParams({ expires: String(expiresAt), signature: by.signature, ...(sha256 && { sha256 }) })
  const url = `${baseUrl}/uploads/${uploadId}/parts/${number}?${query}`
  return { dtExpires: toDate(expiresAt), headers: {}, method: 'PUT', number, size, url }
}

export const PartBody = Type.Object(
  {
    isReceived: Type.Boolean(),
    number: Type.Integer(),
    sha256: Nullable(Sha256),
    size: Bytes,
  },
  { title: 'Part' },
)
