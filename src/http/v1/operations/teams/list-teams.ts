import { listTeams as list } from '../../../../registry/teams/list-teams.ts'
import { defineOperation } from '../../../operation.ts'
import { presentTeam, TeamBody } from '../../resources/team.ts'
import { PageOf, PageQuery, presentPage } from '../../schema.ts'

export const listTeams = defineOperation({
  id: 'listTeams',
  method: 'GET',
  path: '/teams',
  access: 'instance-admin',
  tag: 'Teams',
  summary: 'List teams',
  query: PageQuery({}),
  response: PageOf(TeamBody),
  async handle({ registry, actor, query }) {
    const page = await list(registry, actor, query)
    return presentPage(page, presentTeam)
  },
})
