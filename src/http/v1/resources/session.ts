import { type Static, Type } from 'typebox'
import type { KeyActor } from '../../../domain/actor.ts'
import type { Team } from '../../../domain/team.ts'
import type { User } from '../../../domain/user.ts'
import { DateTime, Nullable, toDate } from '../schema.ts'

const TeamOfSession = Type.Object({
  analyticsId: Type.Integer(),
  id: Type.String(),
  isPrivate: Type.Boolean(),
  maxMachines: Type.Integer(),
  namespace: Type.String(),
})

const Membership = Type.Object({
  isAdmin: Type.Boolean(),
  isOwner: Type.Boolean(),
  team: Type.Object({
    dtCreated: DateTime,
    id: Type.String(),
    isUserTeam: Type.Boolean(),
    name: Type.String(),
    namespace: Type.String(),
    publicProfileImageUrl: Nullable(Type.String()),
  }),
})

const UserOfSession = Type.Object({
  analyticsId: Type.Integer(),
  dtConfirmed: DateTime,
  dtCreated: DateTime,
  email: Type.String(),
  firstName: Nullable(Type.String()),
  id: Type.String(),
  isPasswordAuthEnabled: Type.Boolean(),
  isPhoneVerified: Type.Boolean(),
  isQrCodeBasedMfaConfirmed: Type.Boolean(),
  isQrCodeBasedMfaEnabled: Type.Boolean(),
  lastName: Nullable(Type.String()),
  metadata: Type.Object({}, { additionalProperties: true }),
  preferences: Type.Unsafe<null>({ type: 'null' }),
  teamMemberships: Type.Array(Membership),
})

export const SessionBody = Type.Unsafe<{
  team: Static<typeof TeamOfSession>
  user: Static<typeof UserOfSession>
} | null>({
  ...Type.Object({ team: TeamOfSession, user: UserOfSession }),
  type: ['object', 'null'],
  title: 'Session',
})

/** The contract's whole shape. What belongs to other products (machines, phones, surveys) has its neutral value. */
export function presentSession(
  actor: KeyActor,
  { team, user }: { team: Team; user: User },
): Static<typeof SessionBody> {
  return {
    team: { analyticsId: 0, id: team.id, isPrivate: true, maxMachines: 0, namespace: team.namespace },
    user: {
      analyticsId: 0,
      dtConfirmed: toDate(user.createdAt),
      dtCreated: toDate(user.createdAt),
      email: user.email ?? '',
      firstName: user.name,
      id: user.id,
      isPasswordAuthEnabled: false,
      isPhoneVerified: false,
      isQrCodeBasedMfaConfirmed: false,
      isQrCodeBasedMfaEnabled: false,
      lastName: null,
      metadata: {},
      preferences: null,
      teamMemberships: [
        {
          isAdmin: actor.role === 'admin',
          isOwner: actor.isInstanceAdmin,
          team: {
            dtCreated: toDate(team.createdAt),
            id: team.id,
            isUserTeam: false,
            name: team.namespace,
            namespace: team.namespace,
            publicProfileImageUrl: null,
          },
        },
      ],
    },
  }
}
