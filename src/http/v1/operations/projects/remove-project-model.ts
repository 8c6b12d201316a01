import { removeModelFromProject } from '../../../../registry/projects/remove-project-model.ts'
import { defineOperation } from '../../../operation.ts'
import { ModelBody, presentModel } from '../../resources/model.ts'
import { ProjectModelParams } from '../../resources/project.ts'

export const removeProjectModel = defineOperation({
  id: 'removeProjectModel',
  method: 'DELETE',
  path: '/projects/{id}/models/{modelId}',
  access: 'writer',
  tag: 'Projects',
  summary: 'Take a model out of a project',
  params: ProjectModelParams,
  response: ModelBody,
  async handle({ registry, actor, params }) {
    const model = await removeModelFromProject(registry, actor, { projectId: params.id, modelId: params.modelId })
    return presentModel(model)
  },
})
