/** What went wrong with bytes, in the registry's words. */
import { StoreFullError } from '../../blobs/blob-store.ts'
import { BodyInterruptedError, DigestMismatchError, SizeMismatchError, TooManyBytesError } from '../../blobs/ingest.ts'
import { DamagedBlobError } from '../../blobs/verified-read.ts'
import { RegistryError } from '../../domain/errors.ts'

/** Errors that are not about the bytes come back unchanged. */
export function translateBlobError(error: unknown): unknown {
  if (error instanceof TooManyBytesError) {
    return new RegistryError('too_large', `a file may have at most ${error.maxBytes} bytes`, { cause: error })
  }
  if (error instanceof DigestMismatchError) {
    const message = `the bytes received have the sha256 ${error.actual}, not ${error.expected} as declared; nothing was kept`
    return new RegistryError('invalid_argument', message, { problems: [{ field: 'sha256', message }], cause: error })
  }
  if (error instanceof SizeMismatchError) {
    const message = `${error.actual} bytes were received, not ${error.expected} as declared; nothing was kept`
    return new RegistryError('invalid_argument', message, { problems: [{ field: 'size', message }], cause: error })
  }
  if (error instanceof BodyInterruptedError) {
    return new RegistryError('upload_interrupted', 'the upload broke off before its end; nothing was kept', {
      cause: error,
    })
  }
  if (error instanceof StoreFullError) {
    return new RegistryError('storage_full', 'there is no room left for the bytes; nothing was kept', { cause: error })
  }
  if (error instanceof DamagedBlobError) {
    const message = 'the stored bytes no longer have the sha256 they were accepted with'
    return new RegistryError('damaged', message, { cause: error })
  }
  return error
}
