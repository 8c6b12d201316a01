import { Type } from 'typebox'
import { updateVersion } from '../../../../registry/versions/update-version.ts'
import { defineRoute } from '../../../route.ts'
import { presentVersion, toNotes, VersionBody, VersionParams, versionNotes } from '../../resources/version.ts'

export const updateVersionRoute = defineRoute({
  id: 'updateVersion',
  method: 'PUT',
  path: '/models/{id}/versions/{version}',
  permission: 'version.update',
  tag: 'Versions',
  summary: 'Update or commit a version',
  description:
    '`{"isCommitted": true}` commits it: from then on its files never change. Message, metadata and tags may change at any time; what is left out stays as it is.',
  params: VersionParams,
  body: Type.Object(
    {
      isCommitted: Type.Optional(Type.Boolean({ description: 'True commits the version, for good.' })),
      ...versionNotes,
    },
    { additionalProperties: false },
  ),
  response: VersionBody,
  async handle({ registry, actor, params, body, baseUrl }) {
    const { isCommitted, ...notes } = body
    const ref = { modelId: params.id, ref: params.version }
    const version = await updateVersion(registry, actor, { ...ref, commit: isCommitted, notes: toNotes(notes) })
    return presentVersion(version, baseUrl)
  },
})
