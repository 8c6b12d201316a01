import { type Static, Type } from 'typebox'
import type { Model } from '../../../domain/model.ts'
import { DateTime, Nullable, toDate } from '../schema.ts'

/** The contract's nine fields in the contract's order, and nothing added: the official Paperspace client prints columns in this order. */
export const ModelBody = Type.Object(
  {
    description: Nullable(Type.String({ description: 'The description of the model.' })),
    dtCreated: DateTime,
    dtModified: DateTime,
    id: Type.String({ description: 'The id of the model.' }),
    isPublic: Type.Boolean({ description: 'Whether every key of this registry may read the model.' }),
    name: Type.String({ description: 'The name of the model; not unique.' }),
    projectId: Nullable(Type.String({ description: 'The project the model is in.' })),
    storageProviderId: Nullable(
      Type.String({ description: 'Where its bytes are kept; null means the default of the team.' }),
    ),
    teamId: Type.String({ description: 'The team that owns the model.' }),
  },
  { title: 'Model' },
)

/** In a request that gives a model its name. */
export const uniqueName = Type.Optional(
  Type.Boolean({
    description:
      'Refuses a name that belongs to another model of the team, with 409 and its id. False unless given: names may repeat.',
  }),
)

export function presentModel(model: Model): Static<typeof ModelBody> {
  return {
    description: model.description,
    dtCreated: toDate(model.createdAt),
    dtModified: toDate(model.modifiedAt),
    id: model.id,
    isPublic: model.isPublic,
    name: model.name,
    projectId: model.projectId,
    storageProviderId: model.storageProviderId,
    teamId: model.teamId,
  }
}
