import { getVersion } from '../../../../registry/versions/get-version.ts'
import { streamArchive } from '../../../archive.ts'
import { defineRoute } from '../../../route.ts'
import { VersionParams } from '../../resources/version.ts'

export const downloadArchiveRoute = defineRoute({
  id: 'downloadArchive',
  method: 'GET',
  path: '/models/{id}/versions/{version}/archive',
  permission: 'file.read',
  tag: 'Versions',
  summary: 'Download a whole version as one tar',
  params: VersionParams,
  gives: 'bytes',
  mediaType: 'application/x-tar',
  async handle({ registry, actor, params, request, reply }) {
    const version = await getVersion(registry, actor, { modelId: params.id, ref: params.version })
    return streamArchive(registry, version, request, reply)
  },
})
