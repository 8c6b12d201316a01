import { Type } from 'typebox'
import { listProjectModels } from '../../../../registry/projects/list-project-models.ts'
import { defineRoute } from '../../../route.ts'
import { ModelBody, presentModel } from '../../resources/model.ts'
import { Id, PageOf, PageQuery, presentPage } from '../../schema.ts'

export const listProjectModelsRoute = defineRoute({
  id: 'listProjectModels',
  method: 'GET',
  path: '/projects/{id}/models',
  permission: 'project.read',
  tag: 'Projects',
  summary: 'List the models of a project',
  params: Id,
  query: PageQuery({ name: Type.Optional(Type.String({ description: 'Only models with exactly this name.' })) }),
  response: PageOf(ModelBody),
  async handle({ registry, actor, params, query }) {
    const page = await listProjectModels(registry, actor, { ...query, projectId: params.id })
    return presentPage(page, presentModel)
  },
})
