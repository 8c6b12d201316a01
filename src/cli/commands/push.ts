import { Command, InvalidArgumentError, Option } from 'commander'
import { type Client, dataOf, type Model, type Version } from '../../client/client.ts'
import { IntegrityError } from '../../client/errors.ts'
import { findAliasProblem } from '../../domain/alias.ts'
import type { Cli, ClientCommand } from '../context.ts'
import { findModel, isModelId } from '../find-model.ts'
import { findOrCreateModel } from '../namesakes.ts'
import { collect, withNotes } from '../options.ts'
import { withSelection } from '../patterns.ts'
import { explainLeftOut } from '../push/explain-left-out.ts'
import { findFiles } from '../push/find-files.ts'
import { digestOf, findIdentical } from '../push/find-identical.ts'
import { openDraft, type PushDraft } from '../push/open-draft.ts'
import { type Sent, type SentFile, sendFiles } from '../push/send-files.ts'
import { sumSizes } from '../push/sum-sizes.ts'
import { ADD_CREATE, answerDryRun, answerIdentical, isWanted, type PushOptions, setAliases } from '../push/unsent.ts'
import { count, shellWord, show, showBytes } from '../show.ts'

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
    .action(async (source: string, text: string, options: PushOptions) => {
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
  { source, model, draft, options }: { source: string; model: Model; draft: PushDraft; options: PushOptions },
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

function describe(model: Model, version: Version, files: SentFile[]): string {
  const kept = files.filter(file => file.status === 'kept').length
  const known = kept > 0 ? ` (${kept} there already)` : ''
  const what = `${count(files.length, 'file')}, ${showBytes(sumSizes(files))}${known}`
  const state = version.isCommitted ? 'version' : 'draft version'
  return `Pushed ${what}, as ${state} ${version.version} of "${show(model.name)}" (${model.id}).\n`
}
