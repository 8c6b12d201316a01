import { Type } from 'typebox'
import { createVersion } from '../../../../registry/versions/create-version.ts'
import { defineRoute } from '../../../route.ts'
import { presentVersion, toNotes, VersionBody, versionNotes } from '../../resources/version.ts'
import { Id, Nullable } from '../../schema.ts'

export const createVersionRoute = defineRoute({
  id: 'createVersion',
  method: 'POST',
  path: '/models/{id}/versions',
  permission: 'version.create',
  tag: 'Versions',
  summary: 'Open a draft version',
  description: 'It takes files until it is committed. The body may be left out.',
  params: Id,
  body: Nullable(Type.Object(versionNotes, { additionalProperties: false })),
  response: VersionBody,
  async handle({ registry, actor, params, body, baseUrl }) {
    const version = await createVersion(registry, actor, { modelId: params.id, notes: toNotes(body ?? {}) })
    return presentVersion(version, baseUrl)
  },
})
