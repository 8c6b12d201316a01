import type { Actor } from '../../domain/actor.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import type { User } from '../../domain/user.ts'
import * as users from '../../metadata/users.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'

export async function listUsers(registry: Registry, actor: Actor, request: PageRequest): Promise<Page<User>> {
  return await pageBySequence(request, slice => users.listUsers(registry.db.read, actor.teamId, slice))
}
