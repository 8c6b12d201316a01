import { Type } from 'typebox'
import { createVersion as create } from '../../../../registry/versions/create-version.ts'
import { defineOperation } from '../../../operation.ts'
import { presentVersion, toNotes, VersionBody, versionNotes } from '../../resources/version.ts'
import { Id, Nullable } from '../../schema.ts'

export const createVersion = defineOperation({
  id: 'createVersion',
  method: 'POST',
  path: '/models/{id}/versions',
  access: 'writer',
  tag: 'Versions',
  summary: 'Open a draft version',
  description: 'It takes files until it is committed. The body may be left out.',
  params: Id,
  body: Nullable(Type.Object(versionNotes, { additionalProperties: false })),
  response: VersionBody,
  async handle({ registry, actor, params, body, origin }) {
    const version = await create(registry, actor, { modelId: params.id, notes: toNotes(body ?? {}) })
    return presentVersion(version, origin)
  },
})
