import { createProject as create } from '../../../../registry/projects/create-project.ts'
import { defineOperation } from '../../../operation.ts'
import { ProjectBody, ProjectInput, presentProject } from '../../resources/project.ts'

export const createProject = defineOperation({
  id: 'createProject',
  method: 'POST',
  path: '/projects',
  access: 'writer',
  tag: 'Projects',
  summary: 'Create a project',
  body: ProjectInput,
  response: ProjectBody,
  async handle({ registry, actor, body }) {
    const project = await create(registry, actor, body)
    return presentProject(project)
  },
})
