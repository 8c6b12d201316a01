import { getVersion as get } from '../../../../registry/versions/get-version.ts'
import { streamArchive } from '../../../archive.ts'
import { defineDownload } from '../../../operation.ts'
import { VersionParams } from '../../resources/version.ts'

export const downloadArchive = defineDownload({
  id: 'downloadArchive',
  method: 'GET',
  path: '/models/{id}/versions/{version}/archive',
  access: 'reader',
  tag: 'Versions',
  summary: 'Download a whole version as one tar',
  params: VersionParams,
  gives: 'bytes',
  mediaType: 'application/x-tar',
  async handle({ registry, actor, params, request, reply }) {
    const version = await get(registry, actor, { modelId: params.id, ref: params.version })
    return streamArchive(registry, version, request, reply)
  },
})
