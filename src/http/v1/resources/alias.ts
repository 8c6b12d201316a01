import { type Static, Type } from 'typebox'
import type { Alias } from '../../../domain/alias.ts'
import { DateTime, toDate } from '../schema.ts'

export const AliasParams = Type.Object({
  id: Type.String({ description: 'The id of the model.' }),
  alias: Type.String({ description: 'The name of the alias.' }),
})

export const AliasBody = Type.Object(
  {
    alias: Type.String(),
    dtCreated: DateTime,
    dtModified: Type.String({ format: 'date-time', description: 'When it was last pointed somewhere.' }),
    modelId: Type.String(),
    userId: Type.String({ description: 'Who last pointed it somewhere.' }),
    version: Type.String({ description: 'The version number it points at, as a string.' }),
  },
  { title: 'Alias' },
)

export function presentAlias(alias: Alias): Static<typeof AliasBody> {
  return {
    alias: alias.name,
    dtCreated: toDate(alias.createdAt),
    dtModified: toDate(alias.modifiedAt),
    modelId: alias.modelId,
    userId: alias.userId,
    version: String(alias.number),
  }
}

/** Another tag whenever the alias was pointed somewhere, be it the same version again. */
export function etagOfAlias({ number, modifiedAt }: Alias): string {
  return `"${number}-${modifiedAt.toString(36)}"`
}
