import { Type } from 'typebox'
import { setAlias } from '../../../../registry/aliases/set-alias.ts'
import { defineRoute } from '../../../route.ts'
import { AliasBody, AliasParams, presentAlias } from '../../resources/alias.ts'
import { following } from '../../schema.ts'

export const setAliasRoute = defineRoute({
  id: 'setAlias',
  method: 'PUT',
  path: '/models/{id}/aliases/{alias}',
  permission: 'alias.set',
  tag: 'Aliases',
  summary: 'Point an alias at a version',
  description: 'Makes it or moves it, in one step. The version must be committed.',
  params: Type.Object({
    ...AliasParams.properties,
    alias: Type.String({ description: 'The name of the alias.', ...following('^[A-Za-z][A-Za-z0-9._-]{0,127}$') }),
  }),
  body: Type.Object(
    {
      version: Type.Unsafe<string | number>({
        type: ['string', 'integer'],
        description: 'A version number, another alias, or `latest`.',
      }),
    },
    { additionalProperties: false },
  ),
  response: AliasBody,
  async handle({ registry, actor, params, body }) {
    const alias = await setAlias(registry, actor, {
      modelId: params.id,
      alias: params.alias,
      ref: String(body.version),
    })
    return presentAlias(alias)
  },
})
