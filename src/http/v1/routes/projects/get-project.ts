import { getProject } from '../../../../registry/projects/get-project.ts'
import { defineRoute } from '../../../route.ts'
import { ProjectBody, presentProject } from '../../resources/project.ts'
import { Id } from '../../schema.ts'

export const getProjectRoute = defineRoute({
  id: 'getProject',
  method: 'GET',
  path: '/projects/{id}',
  permission: 'project.read',
  tag: 'Projects',
  summary: 'Get a project',
  params: Id,
  response: ProjectBody,
  async handle({ registry, actor, params }) {
    const project = await getProject(registry, actor, params.id)
    return presentProject(project)
  },
})
