import { RegistryError } from '../../domain/errors.ts'
import type { Upload } from '../../domain/upload.ts'
import type { Transaction } from '../../metadata/database.ts'
import { deleteUpload } from '../../metadata/uploads.ts'

/** Ends the row inside the transaction that gives the bytes their blob. Throws `unavailable` when the upload has been given up meanwhile. */
export async function endUpload(trx: Transaction, upload: Upload): Promise<void> {
  if (await deleteUpload(trx, upload.id)) return
  throw new RegistryError('unavailable', 'the upload took too long to be recorded; nothing was kept, send it again', {
    subject: { kind: 'upload', id: upload.id },
  })
}
