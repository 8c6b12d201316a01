import { Type } from 'typebox'
import { defineRoute } from '../../../route.ts'

export const getAccountStandingRoute = defineRoute({
  id: 'getAccountStanding',
  method: 'GET',
  path: '/billing/account-standing',
  permission: 'account.read',
  tag: 'Session',
  summary: 'Whether the account is in good standing',
  // Nobody is billed here. `pspace storage-provider create` (1.x) goes on only if this says the account is in good standing.
  description: 'It always is.',
  response: Type.Object(
    {
      hasPaymentMethod: Type.Boolean(),
      isAdminLocked: Type.Boolean(),
      isInGoodStanding: Type.Boolean(),
      messages: Type.Array(Type.String()),
    },
    { title: 'AccountStanding' },
  ),
  async handle() {
    return { hasPaymentMethod: true, isAdminLocked: false, isInGoodStanding: true, messages: [] }
  },
})
