import { updateProject } from '../../../../registry/projects/update-project.ts'
import { defineRoute } from '../../../route.ts'
import { ProjectBody, ProjectInput, presentProject } from '../../resources/project.ts'
import { Id } from '../../schema.ts'

export const updateProjectRoute = defineRoute({
  id: 'updateProject',
  method: 'PUT',
  path: '/projects/{id}',
  permission: 'project.update',
  tag: 'Projects',
  summary: 'Rename a project',
  params: Id,
  body: ProjectInput,
  response: ProjectBody,
  async handle({ registry, actor, params, body }) {
    const project = await updateProject(registry, actor, { projectId: params.id, name: body.name })
    return presentProject(project)
  },
})
