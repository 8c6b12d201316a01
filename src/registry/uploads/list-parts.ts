import { signsParts } from '../../blobs/part-signer.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Page, PageRequest, Rows, Slice } from '../../domain/paging.ts'
import { requirePermission } from '../../domain/permissions.ts'
import { countParts, type PartedUpload, placeOfPart, type UploadPart } from '../../domain/upload.ts'
import { listReceivedParts } from '../../metadata/upload-parts.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'
import { getOwnStorageProvider } from '../storage-providers/get-storage-provider.ts'
import { getOwnUpload, type UploadRef } from './get-upload.ts'

export interface PartStatus extends UploadPart {
  isReceived: boolean
}

/** All parts of an upload, sorted by number, and which of them have been received. */
export async function listParts(
  registry: Registry,
  actor: Actor,
  request: UploadRef & Pick<PageRequest, 'after' | 'limit'>,
): Promise<Page<PartStatus>> {
  requirePermission(actor, 'file.put')
  const upload = await getOwnUpload(registry.db.read, actor, request)
  return await pageBySequence(registry, {
    scope: ['parts', upload.id],
    request: { after: request.after, limit: request.limit, order: 'asc' },
    query: slice => statusOf(registry, actor, upload, slice),
  })
}

async function statusOf(
  registry: Registry,
  actor: Actor,
  upload: PartedUpload,
  { after = 0, limit }: Slice<number>,
): Promise<Rows<PartStatus, number>> {
  const count = countParts(upload)
  const last = Math.min(count, after + limit)
  const received = await listReceived(registry, actor, upload, { after, limit, order: 'asc' })
  const items: PartStatus[] = []
  for (let number = after + 1; number <= last; number++) {
    const { size } = placeOfPart(upload, number)
    const part = received.get(number)
    items.push({ number, size, sha256: part?.sha256 ?? null, isReceived: part?.size === size })
  }
  return { items, next: last < count ? last : undefined }
}

async function listReceived(
  registry: Registry,
  actor: Actor,
  upload: PartedUpload,
  slice: Slice<number>,
): Promise<Map<number, UploadPart>> {
  const received = new Map<number, UploadPart>()
  const provider = await getOwnStorageProvider(registry.db.read, actor, upload.storageProviderId)
  const store = await registry.stores.of(provider)
  if (!signsParts(store)) {
    const { items } = await listReceivedParts(registry.db.read, upload.id, slice)
    for (const part of items) received.set(part.number, part)
  } else if (upload.state === 'open') {
    const { after = 0, limit } = slice
    for await (const part of store.listStoredParts(upload.blobId, upload.staging ?? '', after)) {
      if (part.number > after + limit) break
      received.set(part.number, part)
    }
  }
  return received
}
