import { Type } from 'typebox'
import { createTeam as create } from '../../../../registry/teams/create-team.ts'
import { defineOperation } from '../../../operation.ts'
import { NewTeamBody, presentNewTeam } from '../../resources/team.ts'

export const createTeam = defineOperation({
  id: 'createTeam',
  method: 'POST',
  path: '/teams',
  access: 'instance-admin',
  tag: 'Teams',
  summary: 'Create a team',
  description:
    'Only with the key made at the first start of the registry. The answer has the first admin key of the team.',
  body: Type.Object(
    { namespace: Type.String({ pattern: '^[a-z][a-z0-9_-]{0,62}$', description: 'The unique name of the team.' }) },
    { additionalProperties: false },
  ),
  response: NewTeamBody,
  async handle({ registry, actor, body }) {
    const made = await create(registry, actor, body)
    return presentNewTeam(made)
  },
})
