import { createClient } from './client.ts'
import type { Connection } from './connection.ts'
import type { FileAddress } from './transport.ts'

/** Takes a file out of a draft again, as well as it goes: why it has to go says more than what may go wrong now. */
export async function takeBack(
  { url, key, proxies }: Connection,
  { modelId: id, version, path, signal }: FileAddress & { signal?: AbortSignal | undefined },
): Promise<void> {
  const params = { path: { id, version, path } }
  await createClient({ url, key, proxies, signal })
    .DELETE('/v1/models/{id}/versions/{version}/files/{path}', { params })
    .catch(() => {})
}
