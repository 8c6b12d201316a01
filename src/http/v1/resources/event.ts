import { type Static, Type } from 'typebox'
import type { Event, EventKind } from '../../../domain/event.ts'
import { DateTime, Nullable, toDate } from '../schema.ts'

const SubjectBody = Type.Object(
  {
    id: Type.String({ description: 'The id, the version number, the path or the name.' }),
    kind: Type.String({ description: 'What it is, such as `version`.' }),
  },
  { title: 'EventSubject' },
)

export const EventBody = Type.Object(
  {
    address: Nullable(Type.String({ description: 'Where the request came from, as the server saw it.' })),
    apiKeyId: Nullable(Type.String({ description: 'Through which key; null where the registry itself did it.' })),
    details: Type.Object({}, { additionalProperties: true }),
    dtCreated: DateTime,
    id: Type.String(),
    kind: Type.String({ description: 'What happened, such as `version.commit`.' }),
    modelId: Nullable(Type.String()),
    requestId: Nullable(Type.String({ description: 'The `x-request-id` of the request.' })),
    subject: SubjectBody,
    userId: Nullable(Type.String({ description: 'Who did it; null where the registry itself did it.' })),
    version: Nullable(Type.String({ description: 'The version number it is about, as a string.' })),
  },
  { title: 'Event' },
)

/** What a list of events can be narrowed to. */
export const eventFilters = {
  alias: Type.Optional(Type.String({ description: 'Only events of this alias.' })),
  // Kinds are added with time: one that this release doesn't know matches nothing.
  kind: Type.Optional(
    Type.Unsafe<EventKind>({ type: 'string', description: 'Only events of this kind, such as `version.commit`.' }),
  ),
  userId: Type.Optional(Type.String({ description: 'Only what this user did.' })),
  version: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 999_999_999_999_999, description: 'Only events of this version number.' }),
  ),
}

export function presentEvent(event: Event): Static<typeof EventBody> {
  return {
    address: event.address,
    apiKeyId: event.apiKeyId,
    details: event.details,
    dtCreated: toDate(event.createdAt),
    id: event.id,
    kind: event.kind,
    modelId: event.modelId,
    requestId: event.requestId,
    subject: { id: event.subject.id, kind: event.subject.kind },
    userId: event.userId,
    version: event.version === null ? null : String(event.version),
  }
}
