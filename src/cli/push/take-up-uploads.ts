import type { Client, PartedUpload } from '../../client/client.ts'
import { giveUpUploads, listUploads } from '../../client/parts/upload-api.ts'
import { PARTS_ABOVE_BYTES } from '../../client/upload-parts.ts'
import type { LocalFile } from './find-files.ts'
import type { PushDraft } from './open-draft.ts'

/**
 * The uploads in parts that an earlier push has left in the draft, by the paths of the files that they may go on with. The others are given up, as a
 * version can't be committed with them; where the user named the draft, only those of the files that are pushed.
 */
export async function takeUpUploads(
  client: Client,
  draft: PushDraft,
  files: readonly LocalFile[],
): Promise<Map<string, PartedUpload[]>> {
  if (draft.origin === 'new') return new Map()
  const uploads = await listUploads(client, draft.version)
  const sizes = new Map(files.map(({ path, size }) => [path, size]))
  const isLarge = ({ path }: PartedUpload) => (sizes.get(path) ?? 0) > PARTS_ABOVE_BYTES
  const isOthers = ({ path }: PartedUpload) => draft.origin === 'named' && !sizes.has(path)
  const useless = uploads.filter(upload => !isLarge(upload) && !isOthers(upload))
  await giveUpUploads(client, draft.version, useless)
  return Map.groupBy(uploads.filter(isLarge), upload => upload.path)
}
