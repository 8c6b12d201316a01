import { type SignedRequest, signsParts } from '../../blobs/part-signer.ts'
import type { Actor } from '../../domain/actor.ts'
import { invalidArgument } from '../../domain/errors.ts'
import { requirePermission } from '../../domain/permissions.ts'
import { type PartedUpload, placeOfPart } from '../../domain/upload.ts'
import { lockPartedUpload, updatePartedUpload } from '../../metadata/uploads.ts'
import { change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { getOwnStorageProvider } from '../storage-providers/get-storage-provider.ts'
import { lockOwnDraft } from '../versions/get-version.ts'
import { getOwnUpload, requireOpen, type UploadRef } from './get-upload.ts'
import type { PartGrant } from './part-signatures.ts'
import { IDLE_MS, PART_URL_MS } from './upload-times.ts'

export interface PartsWanted extends UploadRef {
  /** From 1. */
  numbers: number[]
  /** Of each of these parts, in the same order, in hex. A part with other bytes is refused then. */
  sha256s?: string[] | undefined
}

/** How to send one part: to the store, or to this registry with a signed grant. */
export interface PartOffer {
  number: number
  size: number
  by: { store: SignedRequest } | { grant: PartGrant; signature: string }
}

/** How to send some parts of an upload that is open. Throws `invalid_argument`, `not_found` and `conflict`. */
export async function offerParts(registry: Registry, actor: Actor, wanted: PartsWanted): Promise<PartOffer[]> {
  requirePermission(actor, 'file.put')
  const seen = await getOwnUpload(registry.db.read, actor, wanted)
  const parts = readParts(seen, wanted)
  const upload = await keepOpen(registry, actor, wanted, seen)
  const provider = await getOwnStorageProvider(registry.db.read, actor, upload.storageProviderId)
  const store = await registry.stores.of(provider)
  if (!signsParts(store)) return parts.map(part => grantPart(registry, upload, part))
  const { blobId, staging } = upload
  return await Promise.all(
    parts.map(async part => ({
      number: part.number,
      size: part.size,
      by: { store: await store.signPart(blobId, staging ?? '', part, PART_URL_MS) },
    })),
  )
}

interface WantedPart {
  number: number
  size: number
  sha256: string | undefined
}

function readParts(upload: PartedUpload, { numbers, sha256s }: PartsWanted): WantedPart[] {
  if (new Set(numbers).size < numbers.length) throw invalidArgument('numbers', 'must not name a part twice')
  if (sha256s !== undefined && sha256s.length !== numbers.length) {
    throw invalidArgument(
      'sha256s',
      `must have one sha256 for each of the ${numbers.length} numbers, not ${sha256s.length}`,
    )
  }
  return numbers.map((number, index) => {
    const sha256 = sha256s?.[index]?.toLowerCase()
    if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) {
      throw invalidArgument('sha256s', 'must be 64 hexadecimal digits each')
    }
    return { number, size: placeOfPart(upload, number).size, sha256 }
  })
}

/** Asks everything again that may have changed since the upload was begun, and moves on the time at which it is given up. */
async function keepOpen(
  registry: Registry,
  actor: Actor,
  { modelId, uploadId }: PartsWanted,
  { version }: PartedUpload,
): Promise<PartedUpload> {
  return await change(registry, actor, 'file.put', async ({ trx, at }) => {
    await lockOwnDraft(trx, actor, { modelId, ref: String(version) })
    const upload = await lockPartedUpload(trx, uploadId)
    if (!upload) return await getOwnUpload(trx, actor, { modelId, ref: String(version), uploadId })
    requireOpen(upload)
    await updatePartedUpload(trx, uploadId, { expiresAt: at + IDLE_MS })
    return upload
  })
}

function grantPart(registry: Registry, { id }: PartedUpload, { number, size, sha256 }: WantedPart): PartOffer {
  const grant = { uploadId: id, number, expiresAt: registry.clock.now() + PART_URL_MS, sha256 }
  return { number, size, by: { grant, signature: registry.partSignatures.sign(grant) } }
}
