import { Command, InvalidArgumentError, Option } from 'commander'
import { type Client, dataOf, type Model, type StoredFile, type Version } from '../../client/client.ts'
import { hashFile } from '../../client/hash-file.ts'
import { type ListedFile, listAllFiles } from '../../client/list-files.ts'
import { uploadFile } from '../../client/upload-file.ts'
import { findAliasProblem } from '../../domain/alias.ts'
import type { Cli, ClientCommand } from '../context.ts'
import { CliError } from '../errors.ts'
import { findModel, isModelId } from '../find-model.ts'
import { findOrCreateModel } from '../namesakes.ts'
import { collect, type NoteOptions, toNotes, withNotes } from '../options.ts'
import { count, shellWord, show, showBytes } from '../show.ts'
import { findLocalFiles, type LocalFile } from '../transfer/local-files.ts'
import { nameFile, PARALLEL } from '../transfer/name-file.ts'
import { forEachParallel } from '../transfer/parallel.ts'
import { showProgress } from '../transfer/progress.ts'

interface Options extends NoteOptions {
  alias?: string[]
  create?: boolean
  draft?: boolean
  version?: string
}

export const push: ClientCommand = cli =>
  withNotes(new Command('push').description('keep a file or a folder as a new version of a model'))
    .argument('<path>', 'the file or folder')
    .argument('<model>', 'the id or name of the model')
    .addOption(
      new Option('--alias <name>', 'point this alias at the version; may be given several times')
        .argParser(collectAlias)
        .conflicts('draft'),
    )
    .option('--create', 'make the model when none has that name')
    .option('--draft', 'leave the version a draft, to be added to')
    .option('--version <number>', 'go on with this draft, which an interrupted push has left', parseNumber)
    .action(async (source: string, text: string, options: Options) => {
      const { files, skipped } = await findLocalFiles(source)
      if (skipped.length > 0) cli.say(`Left out: ${skipped.map(show).join(', ')}`)
      const client = await cli.client()
      const mayCreate = options.create && !isModelId(text)
      const model = await (mayCreate ? findOrCreateModel(client, text) : findModel(client, text, ADD_CREATE))
      const draft = await openDraft(client, model, options)
      const sent = await finishOrExplain(cli, { source, model, draft, options }, async () => {
        const results = await sendFiles(cli, client, { model, draft, files, isNew: options.version === undefined })
        const path = { id: model.id, version: draft.version }
        const version = await dataOf(
          options.draft
            ? client.GET('/v1/models/{id}/versions/{version}', { params: { path } })
            : client.PUT('/v1/models/{id}/versions/{version}', { params: { path }, body: { isCommitted: true } }),
        )
        return { version, results }
      })
      const aliases = await setAliases(cli, client, sent.version, options.alias ?? [])
      const answer = { model, version: sent.version, files: sent.results, aliases }
      await cli.answer(answer, describe(model, sent.version, sent.results))
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

async function openDraft(client: Client, model: Model, options: Options): Promise<Version> {
  const notes = toNotes(options)
  if (options.version === undefined) {
    const params = { path: { id: model.id } }
    return await dataOf(client.POST('/v1/models/{id}/versions', { params, body: notes }))
  }
  const params = { path: { id: model.id, version: options.version } }
  const draft = await dataOf(client.GET('/v1/models/{id}/versions/{version}', { params }))
  if (draft.isCommitted) {
    const message = `version ${draft.version} of "${model.name}" is committed, so its files can't change`
    throw new CliError('conflict', message, 'Push without --version: that makes a new version.')
  }
  if (Object.keys(notes).length === 0) return draft
  return await dataOf(client.PUT('/v1/models/{id}/versions/{version}', { params, body: notes }))
}

/** When it fails half-way the draft stays, and what has arrived need not be sent again. */
async function finishOrExplain<T>(
  cli: Cli,
  { source, model, draft, options }: { source: string; model: Model; draft: Version; options: Options },
  finish: () => Promise<T>,
): Promise<T> {
  try {
    return await finish()
  } catch (error) {
    const words = ['holotype push', shellWord(source), model.id, '--version', draft.version]
    if (options.draft) words.push('--draft')
    for (const alias of options.alias ?? []) words.push('--alias', shellWord(alias))
    const again = words.join(' ')
    cli.say(`Version ${draft.version} of "${show(model.name)}" stays a draft. To go on: ${again}`)
    throw error
  }
}

type SentFile = Pick<StoredFile, 'path' | 'size' | 'sha256'> & { status: 'uploaded' | 'kept' }

async function sendFiles(
  cli: Cli,
  client: Client,
  { model, draft, files, isNew }: { model: Model; draft: Version; files: LocalFile[]; isNew: boolean },
): Promise<SentFile[]> {
  const connection = await cli.connection()
  const address = { modelId: model.id, version: draft.version }
  const there = isNew ? new Map<string, ListedFile>() : await findSentFiles(client, address)
  const results = new Map<string, SentFile>()
  using progress = await showProgress(cli, 'Pushing', sumSizes(files))
  await forEachParallel(files, { limit: PARALLEL, signal: cli.signal }, async (local, signal) => {
    const { path, file, size } = local
    const known = there.get(path)
    const onProgress = (bytes: number) => progress.add(bytes)
    if (known?.size === size && (await hashFile(file, { onProgress, signal })) === known.sha256) {
      results.set(path, { path, size, sha256: known.sha256, status: 'kept' })
      return
    }
    if (known?.size === size) onProgress(-size)
    const stored = await nameFile(path, signal, uploadFile(connection, { ...address, path, file, onProgress, signal }))
    results.set(path, { path, size: stored.size, sha256: stored.sha256, status: 'uploaded' })
  })
  const extra = [...there.keys()].filter(path => !results.has(path))
  if (extra.length > 0) cli.say(`The draft also has what is not here: ${extra.map(show).join(', ')}`)
  return files.flatMap(({ path }) => results.get(path) ?? [])
}

async function findSentFiles(client: Client, address: { modelId: string; version: string }) {
  const files = new Map<string, ListedFile>()
  for await (const file of listAllFiles(client, address)) files.set(file.path, file)
  return files
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

function sumSizes(files: ReadonlyArray<{ size: number }>): number {
  return files.reduce((sum, file) => sum + file.size, 0)
}
