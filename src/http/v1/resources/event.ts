import { type Static, Type } from 'typebox'
import type { Event } from '../../../domain/event.ts'
import { DateTime, Nullable, toDate } from '../schema.ts'

export const EventBody = Type.Object(
  {
    apiKeyId: Type.String({ description: 'Through which key.' }),
    details: Type.Object({}, { additionalProperties: true }),
    dtCreated: DateTime,
    id: Type.String({ description: 'Counts up: a later event has a higher one.' }),
    kind: Type.String({ description: 'What happened, such as `version.commit`.' }),
    modelId: Nullable(Type.String()),
    userId: Type.String({ description: 'Who did it.' }),
    version: Nullable(Type.String({ description: 'The version number it is about, as a string.' })),
  },
  { title: 'Event' },
)

export function presentEvent(event: Event): Static<typeof EventBody> {
  return {
    apiKeyId: event.apiKeyId,
    details: event.details,
    dtCreated: toDate(event.createdAt),
    // A letter first: the official Paperspace client turns a string such as "2023" into a date.
    id: `ev${event.id}`,
    kind: event.kind,
    modelId: event.modelId,
    userId: event.userId,
    version: event.version === null ? null : String(event.version),
  }
}
