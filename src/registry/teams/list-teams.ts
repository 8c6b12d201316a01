import type { Actor } from '../../domain/actor.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import type { Team } from '../../domain/team.ts'
import * as teams from '../../metadata/teams.ts'
import { pageBySequence } from '../paging.ts'
import { requireInstanceAdmin } from '../policies.ts'
import type { Registry } from '../registry.ts'

export async function listTeams(registry: Registry, actor: Actor, request: PageRequest): Promise<Page<Team>> {
  requireInstanceAdmin(actor)
  return await pageBySequence(request, slice => teams.listTeams(registry.db.read, slice))
}
