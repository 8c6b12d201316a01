import { type Static, Type } from 'typebox'
import type { User } from '../../../domain/user.ts'
import { DateTime, Nullable, toDate } from '../schema.ts'

export const UserBody = Type.Object(
  { dtCreated: DateTime, email: Nullable(Type.String()), id: Type.String(), name: Type.String() },
  { title: 'User' },
)

export function presentUser(user: User): Static<typeof UserBody> {
  return { dtCreated: toDate(user.createdAt), email: user.email, id: user.id, name: user.name }
}
