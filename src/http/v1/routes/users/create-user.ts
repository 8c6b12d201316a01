import { Type } from 'typebox'
import { createUser } from '../../../../registry/users/create-user.ts'
import { defineRoute } from '../../../route.ts'
import { presentUser, UserBody } from '../../resources/user.ts'
import { Nullable, ONE_LINE } from '../../schema.ts'

export const createUserRoute = defineRoute({
  id: 'createUser',
  method: 'POST',
  path: '/users',
  permission: 'user.create',
  tag: 'Users',
  summary: 'Add a member to the team',
  body: Type.Object(
    {
      email: Type.Optional(
        Nullable(
          Type.String({
            maxLength: 254,
            pattern: '^[^@\\s\\u0000-\\u001f\\u007f-\\u009f]+@[^@\\s\\u0000-\\u001f\\u007f-\\u009f]+$',
          }),
        ),
      ),
      name: Type.String({ minLength: 1, maxLength: 120, ...ONE_LINE }),
    },
    { additionalProperties: false },
  ),
  response: UserBody,
  async handle({ registry, actor, body }) {
    const user = await createUser(registry, actor, body)
    return presentUser(user)
  },
})
