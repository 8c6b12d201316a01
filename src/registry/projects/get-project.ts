import type { Actor } from '../../domain/actor.ts'
import { requireOwnership, requirePermission } from '../../domain/permissions.ts'
import type { Project } from '../../domain/project.ts'
import type { Transaction } from '../../metadata/database.ts'
import { findProject, lockProject, lockProjectAlone, shareProject } from '../../metadata/projects.ts'
import type { Registry } from '../registry.ts'

/** A project of the actor's team. Throws `not_found`. */
export async function getProject(registry: Registry, actor: Actor, id: string): Promise<Project> {
  requirePermission(actor, 'project.read')
  return requireOwnership(actor, 'project', id, await findProject(registry.db.read, id))
}

/** The same for what refers to it: it stays until the end of the transaction. */
export async function shareOwnProject(trx: Transaction, actor: Actor, id: string): Promise<Project> {
  return requireOwnership(actor, 'project', id, await shareProject(trx, id))
}

/** The same for deleting it: no model is put into it until the end of the transaction. */
export async function lockOwnProjectAlone(trx: Transaction, actor: Actor, id: string): Promise<Project> {
  return requireOwnership(actor, 'project', id, await lockProjectAlone(trx, id))
}

/** The same for changing it. */
export async function lockOwnProject(trx: Transaction, actor: Actor, id: string): Promise<Project> {
  return requireOwnership(actor, 'project', id, await lockProject(trx, id))
}
