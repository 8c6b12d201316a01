import { putFile } from '../../../../registry/files/put-file.ts'
import { allowsWrite } from '../../../conditions.ts'
import { etagOf, readExpectations } from '../../../digests.ts'
import { defineRoute } from '../../../route.ts'
import { FileBody, FileParams, presentFile } from '../../resources/file.ts'

export const putFileRoute = defineRoute({
  id: 'putFile',
  method: 'PUT',
  path: '/models/{id}/versions/{version}/files/{path+}',
  permission: 'file.put',
  tag: 'Files',
  summary: 'Upload a file into a draft',
  description:
    'The body is the bytes, of any length, with or without a Content-Length. A sha256 declared as `Repr-Digest` or `Content-Digest` (RFC 9530) or as `x-sha256` (hex) is checked before anything is kept, also in a trailer. A file already at the path is replaced, unless `If-Match` or `If-None-Match` says otherwise.',
  params: FileParams,
  takes: 'bytes',
  response: FileBody,
  async handle({ registry, actor, params, body, mediaType, request }) {
    const file = await putFile(registry, actor, {
      modelId: params.id,
      ref: params.version,
      path: params.path,
      body,
      contentType: mediaType,
      expected: readExpectations(request.raw),
      condition: current => allowsWrite(request.headers, current && etagOf(current)),
    })
    return presentFile(file)
  },
})
