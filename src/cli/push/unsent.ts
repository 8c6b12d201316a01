/** What a push answers without sending anything: the files are there already, or it was only tried. And the aliases, which are set either way. */
import { type Client, dataOf, type Model, type Version } from '../../client/client.ts'
import type { Cli } from '../context.ts'
import { CliError } from '../errors.ts'
import { findModel } from '../find-model.ts'
import { toNotes } from '../options.ts'
import type { SelectionOptions } from '../patterns.ts'
import { count, show, showBytes } from '../show.ts'
import type { LocalFiles } from './find-files.ts'
import { findIdentical, type HashedFile } from './find-identical.ts'
import type { DraftOptions } from './open-draft.ts'
import type { LeftOut } from './rules.ts'
import { sumSizes } from './sum-sizes.ts'

export interface PushOptions extends DraftOptions, SelectionOptions {
  alias?: string[]
  create?: boolean
  draft?: boolean
  dryRun?: boolean
  force?: boolean
}

export const ADD_CREATE = 'Add --create to make it.'

/** Whether a version is to be made or filled even if it has the same files as the latest one. */
export function isWanted({ force, draft, version }: PushOptions): boolean {
  return force === true || draft === true || version !== undefined
}

export async function answerDryRun(
  cli: Cli,
  client: Client,
  { text, local, options }: { text: string; local: LocalFiles; options: PushOptions },
): Promise<void> {
  const model = await findModel(client, text, ADD_CREATE).catch(error => {
    if (options.create && error instanceof CliError && error.outcome === 'missing') return undefined
    throw error
  })
  const { files, leftOut } = local
  const identical = model && !isWanted(options) ? await findIdentical(cli, client, { model, files }) : undefined
  const answer = {
    model: model ?? null,
    files: files.map(({ path, size }) => ({ path, size })),
    leftOut,
    isIdentical: identical !== undefined,
  }
  const paths = files.map(file => `${show(file.path)}\n`).join('')
  const what = `${count(files.length, 'file')}, ${showBytes(sumSizes(files))}`
  const same = identical ? `, identical to version ${identical.version.version}: nothing to keep` : ''
  const name = model ? `"${show(model.name)}"` : `"${show(text)}", which would be made`
  await cli.answer(answer, `${paths}Would push ${what}, to ${name}${same}.\n`)
}

interface Identical {
  model: Model
  version: Version
  files: HashedFile[]
  leftOut: LeftOut[]
  options: PushOptions
}

/** The same files again are no new version; aliases are set all the same, since they say which version is meant. */
export async function answerIdentical(
  cli: Cli,
  client: Client,
  { model, version, files, leftOut, options }: Identical,
): Promise<void> {
  const aliases = await setAliases(cli, client, version, options.alias ?? [])
  const kept = files.map(({ path, size, sha256 }) => ({ path, size, sha256, status: 'kept' }))
  const what = `version ${version.version} of "${show(model.name)}" (${model.id})`
  const pointed = aliases.map(({ alias }) => `The alias "${show(alias)}" points at it.\n`).join('')
  const answer = { model, version, files: kept, leftOut, aliases, isIdentical: true }
  await cli.answer(answer, `Identical to ${what}, nothing to keep.\n${pointed}`)
  if (Object.keys(toNotes(options)).length === 0) return
  cli.say(
    'What was said about it was not kept: --force makes a new version, `holotype version update` changes this one.',
  )
}

export async function setAliases(cli: Cli, client: Client, { modelId, version }: Version, aliases: string[]) {
  const answers = []
  for (const alias of aliases) {
    const path = { id: modelId, alias }
    const request = client.PUT('/v1/models/{id}/aliases/{alias}', { params: { path }, body: { version } })
    try {
      answers.push(await dataOf(request))
    } catch (error) {
      cli.say(`Version ${version} is committed, but the alias "${show(alias)}" was not set.`)
      throw error
    }
  }
  return answers
}
