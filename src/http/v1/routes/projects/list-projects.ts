import { listProjects } from '../../../../registry/projects/list-projects.ts'
import { defineRoute } from '../../../route.ts'
import { ProjectBody, presentProject } from '../../resources/project.ts'
import { PageOf, PageQuery, presentPage } from '../../schema.ts'

export const listProjectsRoute = defineRoute({
  id: 'listProjects',
  method: 'GET',
  path: '/projects',
  permission: 'project.read',
  tag: 'Projects',
  summary: 'List projects',
  query: PageQuery({}),
  response: PageOf(ProjectBody),
  async handle({ registry, actor, query }) {
    const page = await listProjects(registry, actor, query)
    return presentPage(page, project => presentProject(project))
  },
})
