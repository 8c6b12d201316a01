import { listUsers as listRows } from '../../metadata/users.ts'
import type { Actor } from '../actor.ts'
import { type Page, type PageRequest, pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'
import type { User } from './user.ts'

export async function listUsers(registry: Registry, actor: Actor, request: PageRequest): Promise<Page<User>> {
  return await pageBySequence(request, slice => listRows(registry.db.read, actor.teamId, slice))
}
