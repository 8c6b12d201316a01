import { addModelToProject } from '../../../../registry/projects/add-project-model.ts'
import { defineOperation } from '../../../operation.ts'
import { ModelBody, presentModel } from '../../resources/model.ts'
import { ProjectModelParams } from '../../resources/project.ts'

export const addProjectModel = defineOperation({
  id: 'addProjectModel',
  method: 'POST',
  path: '/projects/{id}/models/{modelId}',
  access: 'writer',
  tag: 'Projects',
  summary: 'Put a model into a project',
  params: ProjectModelParams,
  response: ModelBody,
  async handle({ registry, actor, params }) {
    const model = await addModelToProject(registry, actor, { projectId: params.id, modelId: params.modelId })
    return presentModel(model)
  },
})
