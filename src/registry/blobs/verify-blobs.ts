/** Reads all stored bytes again and compares them with what was once accepted. */
import { BlobNotFoundError, explainStoreError } from '../../blobs/blob-store.ts'
import { hashBlob } from '../../blobs/verified-read.ts'
import type { Blob } from '../../domain/blob.ts'
import {
  type BlobUse,
  filterKnownBlobs,
  listBlobsAfter,
  listBlobUses,
  markBlobDamaged,
  markBlobIntact,
  markBlobVerified,
  measureBlobs,
} from '../../metadata/blobs.ts'
import { findStorageProvider } from '../../metadata/storage-providers.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'

/** Few enough that the results of one page are soon written down. */
const PAGE = 50
/** Files that are named for a broken blob: the same bytes may be in a hundred thousand. */
const USES_MAX = 100

/**
 * What is wrong with a blob that files stand on. `damaged`: other bytes are stored; `missing`: none are; `unreadable`: the medium
 * refuses, which says nothing about the bytes themselves.
 */
export interface BlobProblem {
  kind: 'damaged' | 'missing' | 'unreadable'
  reason: string
  /** Files that refer to it, up to 100 of them. */
  uses: BlobUse[]
}

export interface VerifiedBlob {
  blob: Blob
  problem: BlobProblem | undefined
}

type Verdict = { kind: 'intact' | 'gone' } | { kind: BlobProblem['kind']; reason: string }

/**
 * Goes through all blobs in the order of their ids and tells of each. What it finds is noted: damaged and missing bytes are no longer
 * served, and the next upload of the right ones heals the files; bytes that are right again lose their mark. An unreadable medium
 * changes nothing. Works beside a server: it holds no lock while it reads, and skips what is deleted meanwhile.
 */
export async function* verifyBlobs(registry: Registry): AsyncGenerator<VerifiedBlob> {
  let after = ''
  for (;;) {
    const page = await listBlobsAfter(registry.db.read, after, PAGE)
    const intact: string[] = []
    for (const blob of page) {
      after = blob.id
      const verdict = await examine(registry, blob)
      if (verdict.kind === 'gone') continue
      if (verdict.kind === 'intact') intact.push(blob.id)
      if (verdict.kind === 'intact' && blob.isDamaged)
        await changeAsSystem(registry, ({ trx }) => markBlobIntact(trx, blob))
      yield { blob, problem: 'reason' in verdict ? await describe(registry, blob, verdict) : undefined }
    }
    await noteIntact(registry, intact)
    if (page.length < PAGE) return
  }
}

/** How much there is to verify. */
export async function measureStored(registry: Registry): Promise<{ blobs: number; bytes: number }> {
  return await measureBlobs(registry.db.read)
}

async function examine(registry: Registry, blob: Blob): Promise<Verdict> {
  const provider = await findStorageProvider(registry.db.read, blob.storageProviderId)
  if (!provider) return { kind: 'unreadable', reason: `its storage provider ${blob.storageProviderId} is gone` }
  try {
    const { size, sha256 } = await hashBlob(await registry.stores.of(provider), blob.id)
    if (size === blob.size && sha256 === blob.sha256) return { kind: 'intact' }
    return {
      kind: 'damaged',
      reason: `${blob.size} bytes were accepted; now there are ${size}, with the sha256 ${sha256}`,
    }
  } catch (error) {
    if (!(error instanceof BlobNotFoundError)) {
      return { kind: 'unreadable', reason: explainStoreError(error) }
    }
    // The row goes first when a blob is reclaimed, so bytes that are gone while their row is still there are lost.
    const isKnown = (await filterKnownBlobs(registry.db.read, [blob.id])).has(blob.id)
    return isKnown ? { kind: 'missing', reason: 'its bytes are not in the store' } : { kind: 'gone' }
  }
}

/** Undefined when no file refers to the blob: then the bytes are not missed, and the row goes with its grace time. */
async function describe(
  registry: Registry,
  blob: Blob,
  { kind, reason }: { kind: BlobProblem['kind']; reason: string },
): Promise<BlobProblem | undefined> {
  if (kind !== 'unreadable') {
    await changeAsSystem(registry, ({ trx, at }) => markBlobDamaged(trx, blob.id, at))
  }
  const uses = await listBlobUses(registry.db.read, blob.id, USES_MAX)
  return uses.length > 0 ? { kind, reason, uses } : undefined
}

/** Handed over together, they share one commit. */
async function noteIntact(registry: Registry, ids: string[]): Promise<void> {
  await Promise.all(ids.map(id => changeAsSystem(registry, ({ trx, at }) => markBlobVerified(trx, id, at))))
}
