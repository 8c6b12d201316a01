import { Type } from 'typebox'
import { listVersions as list } from '../../../../registry/versions/list-versions.ts'
import { defineOperation } from '../../../operation.ts'
import { presentVersion, VersionBody } from '../../resources/version.ts'
import { Id, PageOf, PageQuery, presentPage } from '../../schema.ts'

export const listVersions = defineOperation({
  id: 'listVersions',
  method: 'GET',
  path: '/models/{id}/versions',
  access: 'reader',
  tag: 'Versions',
  summary: 'List the versions of a model',
  description: 'Other teams see only the committed versions of a public model.',
  params: Id,
  query: PageQuery({ tag: Type.Optional(Type.String({ description: 'Only versions with this tag.' })) }),
  response: PageOf(VersionBody),
  async handle({ registry, actor, params, query, origin }) {
    const page = await list(registry, actor, { ...query, modelId: params.id })
    return presentPage(page, version => presentVersion(version, origin))
  },
})
