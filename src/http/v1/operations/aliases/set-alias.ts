import { Type } from 'typebox'
import { setAlias as set } from '../../../../registry/aliases/set-alias.ts'
import { defineOperation } from '../../../operation.ts'
import { AliasBody, AliasParams, presentAlias } from '../../resources/alias.ts'
import { following } from '../../schema.ts'

export const setAlias = defineOperation({
  id: 'setAlias',
  method: 'PUT',
  path: '/models/{id}/aliases/{alias}',
  access: 'writer',
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
    const alias = await set(registry, actor, { modelId: params.id, alias: params.alias, ref: String(body.version) })
    return presentAlias(alias)
  },
})
