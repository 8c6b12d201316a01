import { ApiError } from '../../client/errors.ts'

/** How many files are on their way at once. */
export const PARALLEL = 4

/** A refusal of one among many files has to say which; those that end because of it, by `signal`, have nothing to add. */
export async function nameFile<T>(path: string, signal: AbortSignal, transfer: Promise<T>): Promise<T> {
  try {
    return await transfer
  } catch (error) {
    if (error instanceof ApiError && error !== signal.reason) error.message = `"${path}": ${error.message}`
    throw error
  }
}
