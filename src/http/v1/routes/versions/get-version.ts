import { getVersion } from '../../../../registry/versions/get-version.ts'
import { defineRoute } from '../../../route.ts'
import { presentVersion, VersionBody, VersionParams } from '../../resources/version.ts'

export const getVersionRoute = defineRoute({
  id: 'getVersion',
  method: 'GET',
  path: '/models/{id}/versions/{version}',
  permission: 'version.read',
  tag: 'Versions',
  summary: 'Get a version',
  params: VersionParams,
  response: VersionBody,
  async handle({ registry, actor, params, baseUrl }) {
    const version = await getVersion(registry, actor, { modelId: params.id, ref: params.version })
    return presentVersion(version, baseUrl)
  },
})
