import { type Client, dataOf, type StoredFile } from './client.ts'
import { IntegrityError } from './errors.ts'

/** All files of a version, page by page. Throws an `IntegrityError` when the pages don't come to an end. */
export async function* listAllFiles(
  client: Client,
  { modelId: id, version }: { modelId: string; version: string },
): AsyncGenerator<StoredFile> {
  let after: string | undefined
  for (;;) {
    const query = { limit: 120, ...(after !== undefined && { after }) }
    const params = { path: { id, version }, query }
    const page = await dataOf(client.GET('/v1/models/{id}/versions/{version}/files', { params }))
    if (page.nextPage === after) throw new IntegrityError('the list of files goes in a circle')
    yield* page.items
    if (page.nextPage === null) return
    after = page.nextPage
  }
}
