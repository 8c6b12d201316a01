import { type Static, Type } from 'typebox'
import type { Version, VersionNotes } from '../../../domain/version.ts'
import { DateTime, Nullable, ONE_LINE_OR_NONE, toDate } from '../schema.ts'

export const VersionParams = Type.Object({
  id: Type.String({ description: 'The id of the model.' }),
  version: Type.String({ description: 'A version number, an alias, or `latest`.' }),
})

export const VersionBody = Type.Object(
  {
    digest: Nullable(
      Type.String({
        description: 'sha256 over the sorted list of files: names the whole content. Null while a draft.',
      }),
    ),
    dtCreated: DateTime,
    dtModified: DateTime,
    fileCount: Type.Integer(),
    isCommitted: Type.Boolean({ description: 'Whether the version is committed: then its files never change.' }),
    message: Nullable(Type.String()),
    metadata: Nullable(Type.Object({}, { additionalProperties: true })),
    modelId: Type.String(),
    tags: Type.Array(Type.String()),
    url: Type.String({
      description:
        'Where the API has this version: a URL where the public URL of the registry is set, else a path on its server.',
    }),
    usageBytes: Type.String({ description: 'The size of all its files in bytes, as a decimal number in a string.' }),
    userId: Type.String({ description: 'Who created it.' }),
    version: Type.String({ description: 'The version number, as a string.' }),
  },
  { title: 'Version' },
)

/** What people may write about a version, at any time. */
export const versionNotes = {
  message: Type.Optional(Nullable(Type.String({ maxLength: 10_000, description: 'What this version is.' }))),
  metadata: Type.Optional(
    Nullable(
      Type.Object(
        {},
        {
          additionalProperties: true,
          description: 'Free fields, up to 64 KiB. Whole numbers beyond 2^53 go in as text.',
        },
      ),
    ),
  ),
  tags: Type.Optional(Type.String({ description: 'Comma-separated.', ...ONE_LINE_OR_NONE })),
}

/** Tags come in as one comma-separated string, as in the family's dataset versions. */
export function toNotes(body: { message?: string | null; metadata?: object | null; tags?: string }): VersionNotes {
  const { message, metadata, tags } = body
  return { message, metadata: metadata && { ...metadata }, tags: tags?.split(',') }
}

export function presentVersion(version: Version, baseUrl: string): Static<typeof VersionBody> {
  return {
    digest: version.digest,
    dtCreated: toDate(version.createdAt),
    dtModified: toDate(version.modifiedAt),
    fileCount: version.fileCount,
    isCommitted: version.committedAt !== null,
    message: version.message,
    metadata: version.metadata,
    modelId: version.modelId,
    tags: version.tags,
    url: `${baseUrl}/models/${version.modelId}/versions/${version.number}`,
    usageBytes: String(version.usageBytes),
    userId: version.userId,
    version: String(version.number),
  }
}
