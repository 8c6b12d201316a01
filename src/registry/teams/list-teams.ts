import { listTeams as listRows } from '../../metadata/teams.ts'
import type { Actor } from '../actor.ts'
import { type Page, type PageRequest, pageBySequence } from '../paging.ts'
import { requireInstanceAdmin } from '../policies.ts'
import type { Registry } from '../registry.ts'
import type { Team } from './team.ts'

export async function listTeams(registry: Registry, actor: Actor, request: PageRequest): Promise<Page<Team>> {
  requireInstanceAdmin(actor)
  return await pageBySequence(request, slice => listRows(registry.db.read, slice))
}
