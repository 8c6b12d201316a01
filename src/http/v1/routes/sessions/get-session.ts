import { getSession } from '../../../../registry/sessions/get-session.ts'
import { defineRoute } from '../../../route.ts'
import { presentSession, SessionBody } from '../../resources/session.ts'

export const getSessionRoute = defineRoute({
  id: 'getSession',
  method: 'GET',
  path: '/auth/session',
  permission: 'session.read',
  tag: 'Session',
  summary: 'Who the key stands for',
  description: '`null` without a key.',
  response: SessionBody,
  async handle({ registry, actor }) {
    if (actor.kind === 'anonymous') return null
    const session = await getSession(registry, actor)
    return presentSession(actor, session)
  },
})
