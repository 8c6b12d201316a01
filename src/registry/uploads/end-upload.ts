import { RegistryError } from '../../domain/errors.ts'
import type { NewJob } from '../../domain/job.ts'
import type { Upload } from '../../domain/upload.ts'
import type { Transaction } from '../../metadata/database.ts'
import { deleteUpload } from '../../metadata/uploads.ts'

/** Ends the row inside the transaction that gives the bytes their blob. Throws `unavailable` when the upload has been given up meanwhile. */
export async function endUpload(trx: Transaction, upload: Upload): Promise<void> {
  if (!(await deleteUpload(trx, upload.id))) throw givenUp(upload)
}

export function givenUp({ id }: Upload): RegistryError {
  return new RegistryError('unavailable', 'the upload took too long to be recorded; nothing was kept, send it again', {
    subject: { kind: 'upload', id },
  })
}

/** The job that removes the bytes of an upload whose row is gone. */
export function removalOf({ storageProviderId, blobId, staging }: Upload): NewJob<'delete-bytes'> {
  const payload = { storageProviderId, blobIds: [blobId], ...(staging !== null && { staging: { [blobId]: staging } }) }
  return { kind: 'delete-bytes', key: blobId, payload }
}
