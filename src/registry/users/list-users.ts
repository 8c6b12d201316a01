import type { Actor } from '../../domain/actor.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import { requirePermission } from '../../domain/permissions.ts'
import type { User } from '../../domain/user.ts'
import * as users from '../../metadata/users.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'

export async function listUsers(registry: Registry, actor: Actor, request: PageRequest): Promise<Page<User>> {
  const { teamId } = requirePermission(actor, 'user.list')
  return await pageBySequence(registry, {
    scope: ['users', teamId],
    request,
    query: slice => users.listUsers(registry.db.read, teamId, slice),
  })
}
