import { Type } from 'typebox'
import { listVersions } from '../../../../registry/versions/list-versions.ts'
import { defineRoute } from '../../../route.ts'
import { presentVersion, VersionBody } from '../../resources/version.ts'
import { Id, LongPageQuery, PageOf, presentPage } from '../../schema.ts'

export const listVersionsRoute = defineRoute({
  id: 'listVersions',
  method: 'GET',
  path: '/models/{id}/versions',
  permission: 'version.read',
  tag: 'Versions',
  summary: 'List the versions of a model',
  description: 'Other teams see only the committed versions of a public model.',
  params: Id,
  query: LongPageQuery({ tag: Type.Optional(Type.String({ description: 'Only versions with this tag.' })) }),
  response: PageOf(VersionBody),
  async handle({ registry, actor, params, query, baseUrl }) {
    const page = await listVersions(registry, actor, { ...query, modelId: params.id })
    return presentPage(page, version => presentVersion(version, baseUrl))
  },
})
