import { deleteProject } from '../../../../registry/projects/delete-project.ts'
import { defineRoute } from '../../../route.ts'
import { ProjectBody, presentProject } from '../../resources/project.ts'
import { Id } from '../../schema.ts'

export const deleteProjectRoute = defineRoute({
  id: 'deleteProject',
  method: 'DELETE',
  path: '/projects/{id}',
  permission: 'project.delete',
  tag: 'Projects',
  summary: 'Delete a project',
  description: 'Its models stay, without a project. Answers the whole project, as the contract has it.',
  params: Id,
  response: ProjectBody,
  async handle({ registry, actor, params }) {
    const { project, deletedAt } = await deleteProject(registry, actor, params.id)
    return presentProject(project, deletedAt)
  },
})
