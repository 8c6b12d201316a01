import { getFile as get } from '../../../../registry/files/get-file.ts'
import { defineDownload } from '../../../operation.ts'
import { sendFile } from '../../../send-file.ts'
import { FileParams } from '../../resources/file.ts'

export const headFile = defineDownload({
  id: 'headFile',
  method: 'HEAD',
  path: '/models/{id}/versions/{version}/files/{path+}',
  access: 'reader',
  tag: 'Files',
  summary: 'Ask about a file',
  description: 'The headers of the download, without the bytes.',
  params: FileParams,
  otherAnswers: { 206: 'The range that was asked for.', 304: 'Still what the condition names.' },
  gives: 'bytes',
  mediaType: 'application/octet-stream',
  async handle({ registry, actor, params, request, reply }) {
    const { version, file } = await get(registry, actor, { modelId: params.id, ref: params.version, path: params.path })
    const isFixed = version.committedAt !== null && params.version === String(version.number)
    return await sendFile(registry, { version, file, isFixed }, request, reply)
  },
})
