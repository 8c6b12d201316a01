/** Turns bytes that have arrived into a blob with a row. The same bytes are kept once in a team and place. */
import type { IngestedBlob } from '../../blobs/ingest.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Blob } from '../../domain/blob.ts'
import type { StorageProvider } from '../../domain/storage-provider.ts'
import type { Upload } from '../../domain/upload.ts'
import {
  findBlobByContent,
  insertBlob,
  markBlobDamaged,
  markBlobReferenced,
  replaceDamagedBlobs,
} from '../../metadata/blobs.ts'
import type { Reader, Transaction } from '../../metadata/database.ts'
import { type Change, change, changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'
import { endUpload } from '../uploads/end-upload.ts'
import { releaseBlobs } from './release-blobs.ts'

interface ArrivedBlob {
  upload: Upload
  provider: StorageProvider
  blob: IngestedBlob
}

/** Makes something refer to the blob. It runs in the transaction that makes the blob's row, or keeps it from being reclaimed. */
export type LinkBlob<T> = (step: Change, blob: Pick<Blob, 'id' | 'size' | 'sha256'>) => Promise<T>

/** @returns what `link` does, once bytes and rows are durable. */
export async function storeBlob<T extends object>(
  registry: Registry,
  actor: Actor,
  arrived: ArrivedBlob,
  link: LinkBlob<T>,
): Promise<T> {
  await distrustMissingBytes(registry, arrived)
  return (await linkKnownBlob(registry, actor, arrived, link)) ?? (await publishBlob(registry, actor, arrived, link))
}

/** Bytes that have gone missing in the store must not swallow the good ones that have just arrived. */
async function distrustMissingBytes(registry: Registry, arrived: ArrivedBlob): Promise<void> {
  const known = await findKnownBlob(registry.db.read, arrived)
  if (known === undefined) return
  const store = await registry.stores.of(arrived.provider)
  const stored = await store.stat(known)
  if (stored?.size === arrived.blob.size) return
  await changeAsSystem(registry, ({ trx, at }) => markBlobDamaged(trx, known, at))
}

/** The team may have these very bytes already: then those are referred to, and the copy that has just arrived is dropped. */
async function linkKnownBlob<T>(
  registry: Registry,
  actor: Actor,
  arrived: ArrivedBlob,
  link: LinkBlob<T>,
): Promise<T | undefined> {
  return await change(registry, actor, 'file.put', async step => {
    const known = await referToKnownBlob(step.trx, arrived)
    if (known === undefined) return undefined
    const { blob, upload } = arrived
    await endUpload(step.trx, upload)
    return await link(step, { ...blob, id: known })
  })
}

/** From here on the blob can't be reclaimed: taking its row and referring to it are both decided by the lock on that row. */
async function referToKnownBlob(trx: Transaction, arrived: ArrivedBlob): Promise<string | undefined> {
  const known = await findKnownBlob(trx, arrived)
  return known !== undefined && (await markBlobReferenced(trx, known)) ? known : undefined
}

async function publishBlob<T>(registry: Registry, actor: Actor, arrived: ArrivedBlob, link: LinkBlob<T>): Promise<T> {
  const { blob, provider, upload } = arrived
  await blob.publish()
  return await change(registry, actor, 'file.put', async step => {
    await endUpload(step.trx, upload)
    if (await addBlob(registry, step, arrived)) return await link(step, blob)
    // Another upload has just stored the same bytes: its blob is referred to, and this copy goes.
    const known = await referToKnownBlob(step.trx, arrived)
    if (known === undefined) throw new Error(`the blob with the bytes of ${blob.id} is neither there nor absent`)
    step.queue({
      kind: 'delete-bytes',
      key: blob.id,
      payload: { storageProviderId: provider.id, blobIds: [blob.id] },
    })
    return await link(step, { ...blob, id: known })
  })
}

function findKnownBlob(db: Reader, { provider, blob }: ArrivedBlob): Promise<string | undefined> {
  return findBlobByContent(db, { teamId: provider.teamId, storageProviderId: provider.id, sha256: blob.sha256 })
}

/**
 * New intact bytes also heal: what refers to bytes that were found damaged, and promises just these, gets the new ones.
 * @returns false when an intact blob with these bytes is there already.
 */
async function addBlob(registry: Registry, step: Change, { provider, blob }: ArrivedBlob): Promise<boolean> {
  const { id, size, sha256 } = blob
  const row = { id, teamId: provider.teamId, storageProviderId: provider.id, size, sha256 }
  if (!(await insertBlob(step.trx, row, step.at))) return false
  await releaseBlobs(registry, step, await replaceDamagedBlobs(step.trx, row))
  return true
}
