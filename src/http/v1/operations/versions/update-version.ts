import { Type } from 'typebox'
import { updateVersion as update } from '../../../../registry/versions/update-version.ts'
import { defineOperation } from '../../../operation.ts'
import { presentVersion, toNotes, VersionBody, VersionParams, versionNotes } from '../../resources/version.ts'

export const updateVersion = defineOperation({
  id: 'updateVersion',
  method: 'PUT',
  path: '/models/{id}/versions/{version}',
  access: 'writer',
  tag: 'Versions',
  summary: 'Update or commit a version',
  description:
    '`{"isCommitted": true}` seals it: from then on its files never change. Message, metadata and tags may change at any time; what is left out stays as it is.',
  params: VersionParams,
  body: Type.Object(
    { isCommitted: Type.Optional(Type.Boolean({ description: 'True seals the version, for good.' })), ...versionNotes },
    { additionalProperties: false },
  ),
  response: VersionBody,
  async handle({ registry, actor, params, body, origin }) {
    const { isCommitted, ...notes } = body
    const ref = { modelId: params.id, ref: params.version }
    const version = await update(registry, actor, { ...ref, isCommitted, notes: toNotes(notes) })
    return presentVersion(version, origin)
  },
})
