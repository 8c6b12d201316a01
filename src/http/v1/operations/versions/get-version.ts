import { getVersion as get } from '../../../../registry/versions/get-version.ts'
import { defineOperation } from '../../../operation.ts'
import { presentVersion, VersionBody, VersionParams } from '../../resources/version.ts'

export const getVersion = defineOperation({
  id: 'getVersion',
  method: 'GET',
  path: '/models/{id}/versions/{version}',
  access: 'reader',
  tag: 'Versions',
  summary: 'Get a version',
  params: VersionParams,
  response: VersionBody,
  async handle({ registry, actor, params, origin }) {
    const version = await get(registry, actor, { modelId: params.id, ref: params.version })
    return presentVersion(version, origin)
  },
})
