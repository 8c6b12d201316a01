import { deleteProject as remove } from '../../../../registry/projects/delete-project.ts'
import { defineOperation } from '../../../operation.ts'
import { ProjectBody, presentProject } from '../../resources/project.ts'
import { Id } from '../../schema.ts'

export const deleteProject = defineOperation({
  id: 'deleteProject',
  method: 'DELETE',
  path: '/projects/{id}',
  access: 'writer',
  tag: 'Projects',
  summary: 'Delete a project',
  description: 'Its models stay, without a project. Answers the whole project, as the contract has it.',
  params: Id,
  response: ProjectBody,
  async handle({ registry, actor, params }) {
    const { project, deletedAt } = await remove(registry, actor, params.id)
    return presentProject(project, deletedAt)
  },
})
