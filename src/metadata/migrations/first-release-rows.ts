/** Events and jobs as the first release wrote them, in the form that migration 002 gives them. */
import { newId } from '../../domain/ids.ts'

export interface OldEvent {
  seq: number
  team_id: string
  model_id: string | null
  version: number | null
  kind: string
  created_at: number
  user_id: string
  api_key_id: string
  details: string
}

/** The first release kept the subject of an event among its details, under a name for each kind. */
const SUBJECT_KEYS: Record<string, string> = {
  'project.create': 'projectId',
  'project.update': 'projectId',
  'project.delete': 'projectId',
  'team.create': 'teamId',
  'user.create': 'createdUserId',
  'user.delete': 'deletedUserId',
  'api-key.create': 'createdApiKeyId',
  'api-key.revoke': 'revokedApiKeyId',
}

export function convertEvent({ seq, ...old }: OldEvent) {
  const kind = old.kind.replace('api_key.', 'api-key.')
  const { forUserId, ...details }: Record<string, unknown> = JSON.parse(old.details)
  if (forUserId !== undefined) details['userId'] = forUserId
  const subject = { kind: kind.split('.', 1)[0] ?? '', id: String(old.model_id) }
  const key = SUBJECT_KEYS[kind]
  if (key !== undefined) {
    subject.id = String(details[key])
    delete details[key]
  }
  if (subject.kind === 'version') subject.id = String(old.version)
  if (subject.kind === 'file') subject.id = String(details['path'])
  if (subject.kind === 'alias') subject.id = String(details['alias'])
  return {
    ...old,
    seq,
    id: newId('event'),
    kind,
    subject_kind: subject.kind,
    subject_id: subject.id,
    details: JSON.stringify(details),
  }
}

/** The first release had one text for what a job is about. */
export function payloadOf(kind: string, subject: string): object | undefined {
  const [first = '', second = ''] = subject.split('/')
  if (kind === 'reclaim-model') return { modelId: subject }
  if (kind === 'reclaim-version') return { modelId: first, number: Number(second) }
  if (kind === 'delete-bytes') return { storageProviderId: first, blobIds: [second] }
  return kind === 'reclaim-blobs' || kind === 'sweep-orphans' ? {} : undefined
}
