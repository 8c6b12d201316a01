import { removeProjectModel } from '../../../../registry/projects/remove-project-model.ts'
import { defineRoute } from '../../../route.ts'
import { ModelBody, presentModel } from '../../resources/model.ts'
import { ProjectModelParams } from '../../resources/project.ts'

export const removeProjectModelRoute = defineRoute({
  id: 'removeProjectModel',
  method: 'DELETE',
  path: '/projects/{id}/models/{modelId}',
  permission: 'model.update',
  tag: 'Projects',
  summary: 'Take a model out of a project',
  params: ProjectModelParams,
  response: ModelBody,
  async handle({ registry, actor, params }) {
    const model = await removeProjectModel(registry, actor, { projectId: params.id, modelId: params.modelId })
    return presentModel(model)
  },
})
