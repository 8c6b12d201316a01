import { Type } from 'typebox'
import { invalidArgument } from '../../../../domain/errors.ts'
import { copyVersion } from '../../../../registry/versions/copy-version.ts'
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
  description:
    'It takes files until it is committed. The body may be left out. With `sourceVersion` the draft begins with the files of that committed version, which refer to the same stored bytes: both models have to be of one team and keep their bytes in one storage provider.',
  params: Id,
  body: Nullable(
    Type.Object(
      {
        ...versionNotes,
        sourceModelId: Type.Optional(
          Type.String({ description: 'The model of `sourceVersion`, where it is another than this one.' }),
        ),
        sourceVersion: Type.Optional(
          Type.String({ description: 'Whose files to begin with: a version number, an alias, or `latest`.' }),
        ),
      },
      { additionalProperties: false },
    ),
  ),
  response: VersionBody,
  async handle({ registry, actor, params, body, baseUrl }) {
    const { sourceModelId, sourceVersion, ...rest } = body ?? {}
    const draft = { modelId: params.id, notes: toNotes(rest) }
    if (sourceVersion === undefined) {
      if (sourceModelId !== undefined) throw invalidArgument('sourceVersion', 'must say which version of sourceModelId')
      return presentVersion(await createVersion(registry, actor, draft), baseUrl)
    }
    const source = { modelId: sourceModelId ?? params.id, ref: sourceVersion }
    return presentVersion(await copyVersion(registry, actor, { ...draft, source }), baseUrl)
  },
})
