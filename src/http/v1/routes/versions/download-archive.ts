import { getVersion } from '../../../../registry/versions/get-version.ts'
import { sendArchive } from '../../../archive.ts'
import { defineRoute } from '../../../route.ts'
import { VersionParams } from '../../resources/version.ts'

export const downloadArchiveRoute = defineRoute({
  id: 'downloadArchive',
  method: 'GET',
  path: '/models/{id}/versions/{version}/archive',
  permission: 'file.read',
  tag: 'Versions',
  summary: 'Download a whole version as one tar',
  description:
    'Its `Content-Length` is exact. Every file is checked on the way; where one is damaged, the archive breaks off before its end.',
  params: VersionParams,
  gives: 'bytes',
  mediaType: 'application/x-tar',
  async handle({ registry, actor, params, request, reply }) {
    const version = await getVersion(registry, actor, { modelId: params.id, ref: params.version })
    return await sendArchive(registry, version, request, reply)
  },
})
