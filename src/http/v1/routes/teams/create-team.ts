import { Type } from 'typebox'
import { createTeam } from '../../../../registry/teams/create-team.ts'
import { defineRoute } from '../../../route.ts'
import { NewTeamBody, presentNewTeam } from '../../resources/team.ts'

export const createTeamRoute = defineRoute({
  id: 'createTeam',
  method: 'POST',
  path: '/teams',
  permission: 'team.create',
  tag: 'Teams',
  summary: 'Create a team',
  description:
    'Only with an instance-admin key, such as the one made at the first start of the registry. The answer has the first admin key of the team.',
  body: Type.Object(
    { namespace: Type.String({ pattern: '^[a-z][a-z0-9_-]{0,62}$', description: 'The unique name of the team.' }) },
    { additionalProperties: false },
  ),
  response: NewTeamBody,
  async handle({ registry, actor, body }) {
    const made = await createTeam(registry, actor, body)
    return presentNewTeam(made)
  },
})
