import { getSession as get } from '../../../../registry/sessions/get-session.ts'
import { defineOperation } from '../../../operation.ts'
import { presentSession, SessionBody } from '../../resources/session.ts'

export const getSession = defineOperation({
  id: 'getSession',
  method: 'GET',
  path: '/auth/session',
  access: 'anyone',
  tag: 'Session',
  summary: 'Who the key stands for',
  description: '`null` without a key.',
  response: SessionBody,
  async handle({ registry, actor }) {
    if (!actor) return null
    const session = await get(registry, actor)
    return presentSession(actor, session)
  },
})
