import { listFiles as list } from '../../../../registry/files/list-files.ts'
import { defineOperation } from '../../../operation.ts'
import { FileBody, presentFile } from '../../resources/file.ts'
import { VersionParams } from '../../resources/version.ts'
import { PageOf, PathPageQuery, presentPage } from '../../schema.ts'

export const listFiles = defineOperation({
  id: 'listFiles',
  method: 'GET',
  path: '/models/{id}/versions/{version}/files',
  access: 'reader',
  tag: 'Files',
  summary: 'List the files of a version',
  description: 'Sorted by path.',
  params: VersionParams,
  query: PathPageQuery,
  response: PageOf(FileBody),
  async handle({ registry, actor, params, query }) {
    const page = await list(registry, actor, { ...query, modelId: params.id, ref: params.version })
    return presentPage(page, presentFile)
  },
})
