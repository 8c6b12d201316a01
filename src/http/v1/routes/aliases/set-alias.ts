import { Type } from 'typebox'
import { setAlias } from '../../../../registry/aliases/set-alias.ts'
import { allowsWrite } from '../../../conditions.ts'
import { defineRoute } from '../../../route.ts'
import { AliasBody, AliasParams, etagOfAlias, presentAlias } from '../../resources/alias.ts'
import { following } from '../../schema.ts'

export const setAliasRoute = defineRoute({
  id: 'setAlias',
  method: 'PUT',
  path: '/models/{id}/aliases/{alias}',
  permission: 'alias.set',
  tag: 'Aliases',
  summary: 'Point an alias at a version',
  description:
    'Makes it or moves it, in one step. The version must be committed. `expectedVersion`, or `If-Match` with the ETag of the alias, keeps two who move it from overwriting each other.',
  params: Type.Object({
    ...AliasParams.properties,
    alias: Type.String({ description: 'The name of the alias.', ...following('^[A-Za-z][A-Za-z0-9._-]{0,127}$') }),
  }),
  body: Type.Object(
    {
      expectedVersion: Type.Optional(
        Type.Unsafe<string | number | null>({
          type: ['string', 'integer', 'null'],
          pattern: '^[1-9][0-9]{0,14}$',
          minimum: 1,
          description:
            'The version number that the alias points at now; null when there is none yet. Answers 409, and changes nothing, when it is another.',
        }),
      ),
      version: Type.Unsafe<string | number>({
        type: ['string', 'integer'],
        description: 'A version number, another alias, or `latest`.',
      }),
    },
    { additionalProperties: false },
  ),
  response: AliasBody,
  async handle({ registry, actor, params, body, request, reply }) {
    const alias = await setAlias(registry, actor, {
      modelId: params.id,
      alias: params.alias,
      ref: String(body.version),
      expectedVersion: body.expectedVersion == null ? body.expectedVersion : Number(body.expectedVersion),
      condition: current => allowsWrite(request.headers, current && etagOfAlias(current)),
    })
    reply.header('etag', etagOfAlias(alias))
    return presentAlias(alias)
  },
})
