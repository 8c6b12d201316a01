/** What happened, written in the same transaction as the change itself. Never holds a secret. */
export interface Event {
  id: number
  teamId: string
  modelId: string | null
  version: number | null
  kind: EventKind
  createdAt: number
  userId: string
  apiKeyId: string
  details: Record<string, unknown>
}

export type EventKind =
  | 'model.create'
  | 'model.update'
  | 'model.delete'
  | 'version.create'
  | 'version.update'
  | 'version.commit'
  | 'version.delete'
  | 'file.put'
  | 'file.delete'
  | 'alias.set'
  | 'alias.delete'
  | 'project.create'
  | 'project.update'
  | 'project.delete'
  | 'team.create'
  | 'user.create'
  | 'user.delete'
  | 'api_key.create'
  | 'api_key.revoke'
