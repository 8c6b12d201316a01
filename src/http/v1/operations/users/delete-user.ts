import { deleteUser as remove } from '../../../../registry/users/delete-user.ts'
import { defineOperation } from '../../../operation.ts'
import { Id } from '../../schema.ts'

export const deleteUser = defineOperation({
  id: 'deleteUser',
  method: 'DELETE',
  path: '/users/{id}',
  access: 'admin',
  tag: 'Users',
  summary: 'Remove a member from the team',
  description: 'Their keys stop working at once.',
  params: Id,
  response: Id,
  async handle({ registry, actor, params }) {
    await remove(registry, actor, params.id)
    return { id: params.id }
  },
})
