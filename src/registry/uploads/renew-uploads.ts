import { renewUploads } from '../../metadata/uploads.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'
import { UPLOAD_LEASE_MS } from './receive-upload.ts'

/** How often this process tells the others that its uploads are alive, in ms: several times within a lease. */
export const RENEW_EVERY_MS = UPLOAD_LEASE_MS / 5

/** Moves the end of every upload that this process is receiving. */
export async function renewArrivingUploads(registry: Registry): Promise<void> {
  const ids = [...registry.arrivingUploads]
  for (let index = 0; index < ids.length; index += 500) {
    await changeAsSystem(registry, ({ trx, at }) =>
      renewUploads(trx, ids.slice(index, index + 500), at + UPLOAD_LEASE_MS),
    )
  }
}
