import { getProject as get } from '../../../../registry/projects/get-project.ts'
import { defineOperation } from '../../../operation.ts'
import { ProjectBody, presentProject } from '../../resources/project.ts'
import { Id } from '../../schema.ts'

export const getProject = defineOperation({
  id: 'getProject',
  method: 'GET',
  path: '/projects/{id}',
  access: 'reader',
  tag: 'Projects',
  summary: 'Get a project',
  params: Id,
  response: ProjectBody,
  async handle({ registry, actor, params }) {
    const project = await get(registry, actor, params.id)
    return presentProject(project)
  },
})
