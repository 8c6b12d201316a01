import { getFile } from '../../../../registry/files/get-file.ts'
import { defineRoute } from '../../../route.ts'
import { sendFile } from '../../../send-file.ts'
import { FileParams } from '../../resources/file.ts'

export const getFileRoute = defineRoute({
  id: 'getFile',
  method: 'GET',
  path: '/models/{id}/versions/{version}/files/{path+}',
  permission: 'file.read',
  tag: 'Files',
  summary: 'Download a file',
  description:
    'Conditional requests and single ranges work as HTTP has them; the ETag is the sha256. A whole file is checked on the way: a damaged one breaks off before its end. A part cannot be: compare the sha256 of what was put together.',
  params: FileParams,
  otherAnswers: { 206: 'The range that was asked for.', 304: 'Still what the condition names.' },
  gives: 'bytes',
  mediaType: 'application/octet-stream',
  async handle({ registry, actor, params, request, reply }) {
    const { version, file } = await getFile(registry, actor, {
      modelId: params.id,
      ref: params.version,
      path: params.path,
    })
    const isFixed = version.committedAt !== null && params.version === String(version.number)
    return await sendFile(registry, { version, file, isFixed }, request, reply)
  },
})
