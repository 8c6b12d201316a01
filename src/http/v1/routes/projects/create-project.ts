import { createProject } from '../../../../registry/projects/create-project.ts'
import { defineRoute } from '../../../route.ts'
import { ProjectBody, ProjectInput, presentProject } from '../../resources/project.ts'

export const createProjectRoute = defineRoute({
  id: 'createProject',
  method: 'POST',
  path: '/projects',
  permission: 'project.create',
  tag: 'Projects',
  summary: 'Create a project',
  body: ProjectInput,
  response: ProjectBody,
  async handle({ registry, actor, body }) {
    const project = await createProject(registry, actor, body)
    return presentProject(project)
  },
})
