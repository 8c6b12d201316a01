import { deleteUser } from '../../../../registry/users/delete-user.ts'
import { defineRoute } from '../../../route.ts'
import { Id } from '../../schema.ts'

export const deleteUserRoute = defineRoute({
  id: 'deleteUser',
  method: 'DELETE',
  path: '/users/{id}',
  permission: 'user.delete',
  tag: 'Users',
  summary: 'Remove a member from the team',
  description: 'Their keys stop working at once.',
  params: Id,
  response: Id,
  async handle({ registry, actor, params }) {
    await deleteUser(registry, actor, params.id)
    return { id: params.id }
  },
})
