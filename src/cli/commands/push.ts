import { Command, InvalidArgumentError, Option } from 'commander'
import { type Client, dataOf, type Model, type Version } from '../../client/client.ts'
import { IntegrityError } from '../../client/errors.ts'
import { findAliasProblem } from '../../domain/alias.ts'
import type { Cli, ClientCommand } from '../context.ts'
import { CliError } from '../errors.ts'
import { findModel, isModelId } from '../find-model.ts'
import { findOrCreateModel } from '../namesakes.ts'
import { collect, toNotes, withNotes } from '../options.ts'
import { type SelectionOptions, withSelection } from '../patterns.ts'
import { explainLeftOut } from '../push/explain-left-out.ts'
import { findFiles, type LocalFiles } from '../push/find-files.ts'
import { digestOf, findIdentical, type HashedFile } from '../push/find-identical.ts'
import { type DraftOptions, openDraft, type PushDraft } from '../push/open-draft.ts'
import type { LeftOut } from '../push/rules.ts'
import { type Sent, type SentFile, sendFiles } from '../push/send-files.ts'
import { sumSizes } from '../push/sum-sizes.ts'
import { count, shellWord, show, showBytes } from '../show.ts'

interface Options extends DraftOptions, SelectionOptions {
  alias?: string[]
  create?: boolean
  draft?: boolean
  dryRun?: boolean
  force?: boolean
}

export const push: ClientCommand = cli =>
  withSelection(withNotes(new Command('push').description('keep a file or a folder as a new version of a model')))
    .argument('<path>', 'the file or folder; a .holotypeignore in it says what is left out, as a .gitignore does')
    .argument('<model>', 'the id or name of the model')
    .addOption(
      new Option('--alias <name>', 'point this alias at the version; may be given several times')
        .argParser(collectAlias)
        .conflicts('draft'),
    )
    .option('--create', 'make the model when none has that name')
    .option('--force', 'make a new version even when the latest one has the same files')
    .option('--draft', 'leave the version a draft, to be added to')
    .option('--version <number>', 'add to this draft', parseNumber)
    .option('--no-resume', 'make a new draft even where an interrupted push of the same path has left one')
    .option('--dry-run', 'only tell what would be pushed')
    .action(async (source: string, text: string, options: Options) => {
      const local = await findFiles(source, { selection: options, signal: cli.signal })
      const { files } = local
      for (const line of explainLeftOut(local.leftOut)) cli.say(line)
      const client = await cli.client()
      if (options.dryRun) return await answerDryRun(cli, client, { text, local, options })
      const mayCreate = options.create && !isModelId(text)
      const model = await (mayCreate ? findOrCreateModel(client, text) : findModel(client, text, ADD_CREATE))
      const identical = isWanted(options) ? undefined : await findIdentical(cli, client, { model, files })
      if (identical) return await answerIdentical(cli, client, { ...identical, model, leftOut: local.leftOut, options })
      await using draft = await openDraft(cli, client, { model, source, options })
      const { version, sent } = await finishOrExplain(cli, { source, model, draft, options }, async () => {
        const sent = await sendFiles(cli, client, { draft, files })
        return { version: await finishDraft(client, draft, { isCommitted: !options.draft }), sent }
      })
      await draft.forget()
      requireSameFiles(version, sent)
      const aliases = await setAliases(cli, client, version, options.alias ?? [])
      const answer = { model, version, files: sent.files, leftOut: local.leftOut, aliases, isIdentical: false }
      await cli.answer(answer, describe(model, version, sent.files))
    })

const ADD_CREATE = 'Add --create to make it.'

/** Found before the first byte goes out: an alias that is refused after the commit leaves a version that nobody asked for twice. */
function collectAlias(text: string, previous?: string[]): string[] {
  const problem = findAliasProblem(text)
  if (problem) throw new InvalidArgumentError(`An alias ${problem}.`)
  return collect(text, previous)
}

function parseNumber(text: string): string {
  if (/^[1-9]\d{0,14}$/.test(text)) return text
  throw new InvalidArgumentError('It must be the number of a draft.')
}

/** Whether a version is to be made or filled even if it has the same files as the latest one. */
function isWanted({ force, draft, version }: Options): boolean {
  return force === true || draft === true || version !== undefined
}

async function answerDryRun(
  cli: Cli,
  client: Client,
  { text, local, options }: { text: string; local: LocalFiles; options: Options },
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
  options: Options
}

/** The same files again are no new version; aliases are set all the same, since they say which version is meant. */
async function answerIdentical(
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

async function finishDraft(
  client: Client,
  { version: draft }: PushDraft,
  { isCommitted }: { isCommitted: boolean },
): Promise<Version> {
  const params = { path: { id: draft.modelId, version: draft.version } }
  if (!isCommitted) return await dataOf(client.GET('/v1/models/{id}/versions/{version}', { params }))
  const body = { isCommitted: true }
  return await dataOf(client.PUT('/v1/models/{id}/versions/{version}', { params, body }))
}

/** Others of the team may write into the same draft, on purpose or not. Throws an `IntegrityError`. */
function requireSameFiles(version: Version, { files, others }: Sent): void {
  if (!version.isCommitted || version.digest === digestOf([...files, ...others])) return
  throw new IntegrityError(
    `version ${version.version} has other files than were pushed: somebody else has changed the draft meanwhile`,
  )
}

/** When it fails half-way the draft stays, and what has arrived need not be sent again. */
async function finishOrExplain<T>(
  cli: Cli,
  { source, model, draft, options }: { source: string; model: Model; draft: PushDraft; options: Options },
  finish: () => Promise<T>,
): Promise<T> {
  try {
    return await finish()
  } catch (error) {
    const words = ['holotype push', shellWord(source), model.id, '--version', draft.version.version]
    if (options.draft) words.push('--draft')
    for (const alias of options.alias ?? []) words.push('--alias', shellWord(alias))
    const how = draft.isRemembered ? 'To go on, push it again; from another machine: ' : 'To go on: '
    cli.say(`Version ${draft.version.version} of "${show(model.name)}" stays a draft. ${how}${words.join(' ')}`)
    throw error
  }
}

async function setAliases(cli: Cli, client: Client, { modelId, version }: Version, aliases: string[]) {
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

function describe(model: Model, version: Version, files: SentFile[]): string {
  const kept = files.filter(file => file.status === 'kept').length
  const known = kept > 0 ? ` (${kept} there already)` : ''
  const what = `${count(files.length, 'file')}, ${showBytes(sumSizes(files))}${known}`
  const state = version.isCommitted ? 'version' : 'draft version'
  return `Pushed ${what}, as ${state} ${version.version} of "${show(model.name)}" (${model.id}).\n`
}
