/** A name belongs to the model that took it first. No command makes a namesake of it unless that is asked for. */
import { Option } from 'commander'
import { type Client, dataOf, type Model } from '../client/client.ts'
import { ApiError } from '../client/errors.ts'
import { CliError } from './errors.ts'
import { findModelByName } from './find-model.ts'

export interface NamesakeOptions {
  duplicate?: boolean
}

export function duplicateOption(): Option {
  return new Option('--duplicate', 'even when another model has the name; then only the id means this one')
}

/** Waits for a request with `uniqueName`. Throws a `CliError` that says what to do when the name is taken. */
export async function adviseDuplicate<T>(request: Promise<T>): Promise<T> {
  try {
    return await request
  } catch (error) {
    if (!isTaken(error)) throw error
    throw new CliError('conflict', error.message, '--duplicate takes it all the same; then only the id means this one.')
  }
}

/** The model that a name belongs to, made when there is none. */
export async function findOrCreateModel(client: Client, name: string): Promise<Model> {
  const model = await findModelByName(client, name)
  if (model) return model
  try {
    return await dataOf(client.POST('/v1/models', { body: { name, uniqueName: true } }))
  } catch (error) {
    // Another process has made it in between.
    const owner = isTaken(error) ? await findModelByName(client, name) : undefined
    if (owner) return owner
    throw error
  }
}

function isTaken(error: unknown): error is ApiError {
  return error instanceof ApiError && error.reason === 'already_exists'
}
