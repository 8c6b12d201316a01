import { type Client, dataOf, type Model, type Version } from '../client/client.ts'
import { ApiError } from '../client/errors.ts'
import { CliError, usageError } from './errors.ts'
import { shellWord } from './show.ts'

/** The model that an argument means: by its id, or by the name that belongs to it. Throws a `CliError` or an `ApiError`. */
export async function findModel(client: Client, text: string, advice = SEE_LIST): Promise<Model> {
  if (isModelId(text)) {
    const byId = await findModelById(client, text)
    if (byId) return byId
  }
  const model = await findModelByName(client, text)
  if (model) return rememberName(client, model, text)
  throw new CliError('missing', `there is no model called "${text}"`, advice)
}

/** How models were named by those who typed them, by their ids. */
const typedNames = new WeakMap<Client, Map<string, string>>()

function rememberName(client: Client, model: Model, text: string): Model {
  const names = typedNames.get(client) ?? new Map<string, string>()
  typedNames.set(client, names.set(model.id, text))
  return model
}

/** A message of the registry, which knows models by their ids, in the words of who asked. */
export function useTypedNames(client: Client, message: string): string {
  const names = [...(typedNames.get(client) ?? [])]
  return names.reduce((text, [id, name]) => text.replaceAll(`"${id}"`, () => `"${name}"`), message)
}

async function findModelById(client: Client, id: string): Promise<Model | undefined> {
  try {
    return await dataOf(client.GET('/v1/models/{id}', { params: { path: { id } } }))
  } catch (error) {
    // It may still be the name of one.
    if (error instanceof ApiError && error.isOfRegistry && error.status === 404) return undefined
    throw error
  }
}

const SEE_LIST = 'See which there are: holotype model list'

/**
 * The model that a name belongs to, which is the one that took it first. Throws a `CliError` when only other models have the name, or when
 * the registry can't tell which one it belongs to: a guess could mean the wrong one.
 */
export async function findModelByName(client: Client, name: string): Promise<Model | undefined> {
  const owner = await findNameOwner(client, name)
  if (owner) return owner
  const namesakes = await listModels(client, { name })
  if (namesakes.items.length === 0) return undefined
  // It may have been made between the two questions.
  return (await findNameOwner(client, name)) ?? refuseToGuess(name, namesakes)
}

async function findNameOwner(client: Client, name: string): Promise<Model | undefined> {
  const found = await listModels(client, { name, ownsName: true })
  if (found.items.length < 2) return found.items[0]
  // A registry of the first release knows no owners, and answers all that have the name.
  throw new CliError('conflict', `several models are called "${name}": ${listIds(found)}`, 'Say which one by its id.')
}

type ModelPage = Awaited<ReturnType<typeof listModels>>

async function listModels(client: Client, query: { name: string; ownsName?: boolean }) {
  return await dataOf(client.GET('/v1/models', { params: { query } }))
}

/** When the owner is deleted or renamed, no namesake takes the name over by itself. */
function refuseToGuess(name: string, namesakes: ModelPage): never {
  throw new CliError(
    'conflict',
    `the name "${name}" belongs to no model any more, but is also that of ${listIds(namesakes)}`,
    `Say which one by its id, or give it the name: holotype model update <id> --name ${shellWord(name)}`,
  )
}

function listIds({ items, hasMore }: ModelPage): string {
  const ids = items.map(model => model.id).join(', ')
  return hasMore ? `${ids} and more` : ids
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
