import { listFiles } from '../../../../registry/files/list-files.ts'
import { defineRoute } from '../../../route.ts'
import { FileBody, presentFile } from '../../resources/file.ts'
import { VersionParams } from '../../resources/version.ts'
import { PageOf, PathPageQuery, presentPage } from '../../schema.ts'

export const listFilesRoute = defineRoute({
  id: 'listFiles',
  method: 'GET',
  path: '/models/{id}/versions/{version}/files',
  permission: 'file.read',
  tag: 'Files',
  summary: 'List the files of a version',
  description: 'Sorted by path.',
  params: VersionParams,
  query: PathPageQuery,
  response: PageOf(FileBody),
  async handle({ registry, actor, params, query }) {
    const page = await listFiles(registry, actor, { ...query, modelId: params.id, ref: params.version })
    return presentPage(page, presentFile)
  },
})
