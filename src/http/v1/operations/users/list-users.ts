import { listUsers as list } from '../../../../registry/users/list-users.ts'
import { defineOperation } from '../../../operation.ts'
import { presentUser, UserBody } from '../../resources/user.ts'
import { PageOf, PageQuery, presentPage } from '../../schema.ts'

export const listUsers = defineOperation({
  id: 'listUsers',
  method: 'GET',
  path: '/users',
  access: 'reader',
  tag: 'Users',
  summary: 'List the members of the team',
  query: PageQuery({}),
  response: PageOf(UserBody),
  async handle({ registry, actor, query }) {
    const page = await list(registry, actor, query)
    return presentPage(page, presentUser)
  },
})
