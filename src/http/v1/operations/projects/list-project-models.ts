import { Type } from 'typebox'
import { listProjectModels as list } from '../../../../registry/projects/list-project-models.ts'
import { defineOperation } from '../../../operation.ts'
import { ModelBody, presentModel } from '../../resources/model.ts'
import { Id, PageOf, PageQuery, presentPage } from '../../schema.ts'

export const listProjectModels = defineOperation({
  id: 'listProjectModels',
  method: 'GET',
  path: '/projects/{id}/models',
  access: 'reader',
  tag: 'Projects',
  summary: 'List the models of a project',
  params: Id,
  query: PageQuery({ name: Type.Optional(Type.String({ description: 'Only models with exactly this name.' })) }),
  response: PageOf(ModelBody),
  async handle({ registry, actor, params, query }) {
    const page = await list(registry, actor, { ...query, projectId: params.id })
    return presentPage(page, presentModel)
  },
})
