import { type Client, dataOf, type Model, type Version } from '../client/client.ts'
import { ApiError } from '../client/errors.ts'
import { CliError, usageError } from './errors.ts'

/** The model that an argument means: by its id, or by its name when only one model has it. Throws a `CliError` or an `ApiError`. */
export async function findModel(client: Client, text: string, advice = SEE_LIST): Promise<Model> {
  if (isModelId(text)) {
    const byId = await findModelById(client, text)
    if (byId) return byId
  }
  const model = await findModelByName(client, text)
  if (model) return model
  throw new CliError('missing', `there is no model called "${text}"`, advice)
}

async function findModelById(client: Client, id: string): Promise<Model | undefined> {
  try {
    return await dataOf(client.GET('/v1/models/{id}', { params: { path: { id } } }))
  } catch (error) {
    // It may still be the name of one.
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

const SEE_LIST = 'See which there are: holotype model list'

/** Throws a `CliError` when several models have the name. */
export async function findModelByName(client: Client, name: string): Promise<Model | undefined> {
  const { items, hasMore } = await dataOf(client.GET('/v1/models', { params: { query: { name } } }))
  if (items.length < 2) return items[0]
  const ids = items.map(model => model.id).join(', ')
  const all = hasMore ? `${ids} and more` : ids
  throw new CliError('conflict', `several models are called "${name}": ${all}`, 'Say which one by its id.')
}

export function isModelId(text: string): boolean {
  return /^mo[0-9a-z]{13}$/.test(text)
}

const SEE_AT = 'What follows the last "@" is a version. If the "@" belongs to the name, add one: <name>@latest'

/** `model@version` taken apart at the last `@`. A model whose own name has an `@` is best named by its id. */
function parseVersionRef(text: string): { model: string; version: string | undefined } {
  const at = text.lastIndexOf('@')
  if (at <= 0) return { model: text, version: undefined }
  const version = text.slice(at + 1)
  if (version === '') throw usageError(`"${text}" names no version after the "@"`)
  return { model: text.slice(0, at), version }
}

/** What `model@version` means. The version may be a number, an alias or `latest`, and is `latest` when left out. */
export async function findVersion(client: Client, text: string): Promise<{ model: Model; version: Version }> {
  const ref = parseVersionRef(text)
  const model = await findModel(client, ref.model, text.includes('@') ? SEE_AT : SEE_LIST)
  const path = { id: model.id, version: ref.version ?? 'latest' }
  return { model, version: await dataOf(client.GET('/v1/models/{id}/versions/{version}', { params: { path } })) }
}

/** As `findVersion`, for commands that change something: there the version has to be said. */
export async function findNamedVersion(client: Client, text: string): Promise<{ model: Model; version: Version }> {
  if (parseVersionRef(text).version === undefined) {
    throw usageError(
      `say which version: ${text}@<number or alias>`,
      `See which there are: holotype version list ${text}`,
    )
  }
  return await findVersion(client, text)
}
