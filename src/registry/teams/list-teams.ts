import type { Actor } from '../../domain/actor.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import { requirePermission } from '../../domain/permissions.ts'
import type { Team } from '../../domain/team.ts'
import * as teams from '../../metadata/teams.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'

export async function listTeams(registry: Registry, actor: Actor, request: PageRequest): Promise<Page<Team>> {
  requirePermission(actor, 'team.list')
  return await pageBySequence(registry, {
    scope: ['teams'],
    request,
    query: slice => teams.listTeams(registry.db.read, slice),
  })
}
