import { type Static, Type } from 'typebox'
import type { Team } from '../../../domain/team.ts'
import type { NewTeam } from '../../../registry/teams/create-team.ts'
import { DateTime, toDate } from '../schema.ts'
import { NewApiKeyBody, presentNewApiKey } from './api-key.ts'

const fields = { dtCreated: DateTime, id: Type.String(), namespace: Type.String() }

export const TeamBody = Type.Object(fields, { title: 'Team' })

export const NewTeamBody = Type.Object({ apiKey: NewApiKeyBody, ...fields }, { title: 'NewTeam' })

export function presentTeam(team: Team): Static<typeof TeamBody> {
  return { dtCreated: toDate(team.createdAt), id: team.id, namespace: team.namespace }
}

export function presentNewTeam(made: NewTeam): Static<typeof NewTeamBody> {
  return { apiKey: presentNewApiKey(made), ...presentTeam(made.team) }
}
