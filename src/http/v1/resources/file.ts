import { type Static, Type } from 'typebox'
import type { StoredFile } from '../../../domain/file.ts'
import { DateTime, toDate } from '../schema.ts'

export const FileParams = Type.Object({
  id: Type.String({ description: 'The id of the model.' }),
  version: Type.String({ description: 'A version number, an alias, or `latest`.' }),
  path: Type.String({ description: 'The path of the file in the version; its slashes may stay as they are.' }),
})

export const FileBody = Type.Object(
  {
    contentType: Type.String({
      description: 'What the uploader said it is. Files are always served as neutral bytes.',
    }),
    dtCreated: DateTime,
    dtVerified: Type.String({
      format: 'date-time',
      description: 'When all stored bytes were last read and had this sha256.',
    }),
    path: Type.String(),
    sha256: Type.String({ description: 'Lower-case hex.' }),
    size: Type.Integer({ description: 'In bytes.' }),
  },
  { title: 'File' },
)

export function presentFile(file: StoredFile): Static<typeof FileBody> {
  return {
    contentType: file.contentType,
    dtCreated: toDate(file.createdAt),
    dtVerified: toDate(file.verifiedAt),
    path: file.path,
    sha256: file.sha256,
    size: file.size,
  }
}
