import { listUsers } from '../../../../registry/users/list-users.ts'
import { defineRoute } from '../../../route.ts'
import { presentUser, UserBody } from '../../resources/user.ts'
import { LongPageQuery, PageOf, presentPage } from '../../schema.ts'

export const listUsersRoute = defineRoute({
  id: 'listUsers',
  method: 'GET',
  path: '/users',
  permission: 'user.list',
  tag: 'Users',
  summary: 'List the members of the team',
  query: LongPageQuery({}),
  response: PageOf(UserBody),
  async handle({ registry, actor, query }) {
    const page = await listUsers(registry, actor, query)
    return presentPage(page, presentUser)
  },
})
