import type { Role } from './actor.ts'
import type { Subject } from './errors.ts'

/** What each kind of event tells besides its subject. Never a secret. */
export interface EventDetails {
  'model.create': { name: string }
  'model.update': { name?: string; description?: string | null; isPublic?: boolean; projectId?: string | null }
  'model.delete': { name: string }
  /** The source, where it began with the files of another version. */
  'version.create': { sourceModelId?: string; sourceVersion?: number }
  'version.update': { changed: string[] }
  'version.commit': { digest: string; fileCount: number; usageBytes: number }
  'version.delete': { digest: string | null }
  'file.put': { path: string; size: number; sha256: string }
  'file.delete': { path: string }
  'alias.set': { alias: string; previousVersion: number | null; digest: string | null }
  'alias.delete': { alias: string }
  'project.create': { name: string }
  'project.update': { name: string }
  'project.delete': { name: string }
  'storage-provider.create': { name: string; kind: 's3'; bucket: string; isTeamDefault: boolean }
  'storage-provider.update': { name: string; changed: string[]; isTeamDefault: boolean }
  'storage-provider.delete': { name: string }
  'team.create': { namespace: string }
  'user.create': { name: string }
  'user.delete': { name: string }
  'api-key.create': { name: string; role: Role; userId: string; isInstanceAdmin?: true }
  'api-key.revoke': { name: string }
}

export type EventKind = keyof EventDetails

/** What happened, as the operation that does it tells it. */
export interface NewEvent<K extends EventKind = EventKind> {
  kind: K
  subject: Subject
  modelId?: string
  /** The team whose feed tells it; the actor's own unless given. */
  teamId?: string
  /** The version number that it is about. */
  version?: number
  details: EventDetails[K]
}

/** What happened and who did it, written in the same transaction as the change itself. */
export interface Event {
  id: string
  teamId: string
  kind: EventKind
  subject: Subject
  modelId: string | null
  version: number | null
  createdAt: number
  /** Null where the registry itself did it. */
  userId: string | null
  apiKeyId: string | null
  requestId: string | null
  address: string | null
  details: Record<string, unknown>
}
