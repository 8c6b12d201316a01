import { listProjects as list } from '../../../../registry/projects/list-projects.ts'
import { defineOperation } from '../../../operation.ts'
import { ProjectBody, presentProject } from '../../resources/project.ts'
import { PageOf, PageQuery, presentPage } from '../../schema.ts'

export const listProjects = defineOperation({
  id: 'listProjects',
  method: 'GET',
  path: '/projects',
  access: 'reader',
  tag: 'Projects',
  summary: 'List projects',
  query: PageQuery({}),
  response: PageOf(ProjectBody),
  async handle({ registry, actor, query }) {
    const page = await list(registry, actor, query)
    return presentPage(page, project => presentProject(project))
  },
})
