import { addProjectModel } from '../../../../registry/projects/add-project-model.ts'
import { defineRoute } from '../../../route.ts'
import { ModelBody, presentModel } from '../../resources/model.ts'
import { ProjectModelParams } from '../../resources/project.ts'

export const addProjectModelRoute = defineRoute({
  id: 'addProjectModel',
  method: 'POST',
  path: '/projects/{id}/models/{modelId}',
  permission: 'model.update',
  tag: 'Projects',
  summary: 'Put a model into a project',
  params: ProjectModelParams,
  response: ModelBody,
  async handle({ registry, actor, params }) {
    const model = await addProjectModel(registry, actor, { projectId: params.id, modelId: params.modelId })
    return presentModel(model)
  },
})
