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
  if (!(await deleteUpload(trx, upload.id))) throw new UploadGivenUpError(upload)
}

/** Throws `unavailable` when the upload has been given up meanwhile: nothing may be staged any more then. */
export async function noteStagingOf(registry: Registry, upload: Upload, reference: string): Promise<void> {
  const isThere = await changeAsSystem(registry, ({ trx }) => noteStaging(trx, upload.id, reference))
  if (!isThere) throw new UploadGivenUpError(upload)
}

/**
 * Removes what an upload has published after it was given up: whoever gave it up could not know of bytes that were still in the memory of this
 * process. Without a row they can never become a file.
 */
export async function removeLateBytes(registry: Registry, upload: Upload): Promise<void> {
  const removal = changeAsSystem(registry, async ({ queue }) => queue(removalOf(upload)))
  // They have no row, and a sweep finds them.
  await removal.catch(error => registry.warn(`the bytes of the upload ${upload.id} could not be removed`, error))
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

/** Another process has ended the upload meanwhile: this one had not renewed it in time. */
export class UploadGivenUpError extends RegistryError {
  override readonly name = 'UploadGivenUpError'
  constructor({ id }: Upload) {
    super('unavailable', 'the upload took too long to be recorded; nothing was kept, send it again', {
      subject: { kind: 'upload', id },
    })
  }
}
