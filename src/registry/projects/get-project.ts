import type { Actor } from '../../domain/actor.ts'
import type { Project } from '../../domain/project.ts'
import type { Queryable } from '../../metadata/database.ts'
import { findProject } from '../../metadata/projects.ts'
import { requireOwnership } from '../policies.ts'
import type { Registry } from '../registry.ts'

export async function getProject(registry: Registry, actor: Actor, id: string): Promise<Project> {
  return await getOwnProject(registry.db.read, actor, id)
}

/** A project of the actor's team. Throws `not_found`. */
export async function getOwnProject(db: Queryable, actor: Actor, id: string): Promise<Project> {
  return requireOwnership(actor, 'project', id, await findProject(db, id))
}
