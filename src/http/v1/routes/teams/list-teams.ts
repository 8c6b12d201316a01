import { listTeams } from '../../../../registry/teams/list-teams.ts'
import { defineRoute } from '../../../route.ts'
import { presentTeam, TeamBody } from '../../resources/team.ts'
import { LongPageQuery, PageOf, presentPage } from '../../schema.ts'

export const listTeamsRoute = defineRoute({
  id: 'listTeams',
  method: 'GET',
  path: '/teams',
  permission: 'team.list',
  tag: 'Teams',
  summary: 'List teams',
  query: LongPageQuery({}),
  response: PageOf(TeamBody),
  async handle({ registry, actor, query }) {
    const page = await listTeams(registry, actor, query)
    return presentPage(page, presentTeam)
  },
})
