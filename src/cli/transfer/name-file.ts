import { ApiError } from '../../client/errors.ts'

/** How many files are on their way at once. */
export const PARALLEL = 4

/** A refusal of one among many files has to say which. */
export async function nameFile<T>(path: string, transfer: Promise<T>): Promise<T> {
  try {
    return await transfer
  } catch (error) {
    if (error instanceof ApiError && !error.message.includes(path)) error.message = `"${path}": ${error.message}`
    throw error
  }
}
