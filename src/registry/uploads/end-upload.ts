/** How uploads end, and how what they left goes. */
import { RegistryError } from '../../domain/errors.ts'
import type { NewJob } from '../../domain/job.ts'
import type { Upload } from '../../domain/upload.ts'
import type { Transaction } from '../../metadata/database.ts'
import { deleteUpload, noteStaging } from '../../metadata/uploads.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'

/** Ends the row inside the transaction that gives the bytes their blob. Throws `unavailable` when the upload has been given up meanwhile. */
export async function endUpload(trx: Transaction, upload: Upload): Promise<void> {
  if (!(await deleteUpload(trx, upload.id))) throw givenUp(upload)
}

/** Throws `unavailable` when the upload has been given up meanwhile: nothing may be staged any more then. */
export async function noteStagingOf(registry: Registry, upload: Upload, reference: string): Promise<void> {
  const isThere = await changeAsSystem(registry, ({ trx }) => noteStaging(trx, upload.id, reference))
  if (!isThere) throw givenUp(upload)
}

/**
 * Ends an upload that came to nothing. Also right after a commit of which nobody knows what became: where it was kept, the upload's row is gone and
 * nothing is removed.
 */
export async function abandonUpload(registry: Registry, { id }: Upload): Promise<void> {
  const end = changeAsSystem(registry, async ({ trx, queue }) => {
    const upload = await deleteUpload(trx, id)
    if (upload) queue(removalOf(upload))
  })
  // Its time runs out by itself then.
  await end.catch(error => registry.warn(`the upload ${id} could not be ended`, error))
}

/** The job that removes the bytes of an upload whose row is gone or at its end. */
export function removalOf({ storageProviderId, blobId, staging }: Upload): NewJob<'delete-bytes'> {
  const payload = { storageProviderId, blobIds: [blobId], ...(staging !== null && { staging: { [blobId]: staging } }) }
  return { kind: 'delete-bytes', key: blobId, payload }
}

function givenUp({ id }: Upload): RegistryError {
  return new RegistryError('unavailable', 'the upload took too long to be recorded; nothing was kept, send it again', {
    subject: { kind: 'upload', id },
  })
}
