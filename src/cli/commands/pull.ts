import { Command } from 'commander'
import type { Model, Version } from '../../client/client.ts'
import { ConnectionError, IntegrityError } from '../../client/errors.ts'
import { hashFile } from '../../client/hash-file.ts'
import { type ListedFile, listAllFiles } from '../../client/list-files.ts'
import type { Cache } from '../cache/cache.ts'
import { type CacheOptions, fetchFile, findCache } from '../cache/use-cache.ts'
import type { Cli, ClientCommand } from '../context.ts'
import { CliError } from '../errors.ts'
import { findVersion } from '../find-model.ts'
import { createSelection, type SelectionOptions, withSelection } from '../patterns.ts'
import { count, show, showBytes } from '../show.ts'
import {
  chooseDestination,
  type Destination,
  findLocalSize,
  localPath,
  requireSafePaths,
  writeBelow,
} from '../transfer/destination.ts'
import { findExtraFiles } from '../transfer/extra-files.ts'
import { nameFile, PARALLEL } from '../transfer/name-file.ts'
import { forEachParallel } from '../transfer/parallel.ts'
import { sweepPartialFiles } from '../transfer/partial-files.ts'
import { showProgress } from '../transfer/progress.ts'

/** More local files than these are not looked for: the folder is not one for a model. */
const EXTRA_MAX = 1000
const EXTRA_SHOWN = 5

export const pull: ClientCommand = cli =>
  withSelection(
    new Command('pull').description(
      'fetch the files of a version and prove that they are right; what is right already stays',
    ),
  )
    .argument('<model[@version]>', 'a model, and a version number or alias; `latest` when left out')
    .argument('[folder]', "where to put them; ./<the model's name> when left out")
    .option('--dry-run', 'only tell what would be fetched')
    .option(
      '--cache [dir]',
      'share fetched files with other pulls on this machine (HOLOTYPE_CACHE_DIR; ~/.cache/holotype)',
    )
    .option('--no-cache', 'fetch everything, even if HOLOTYPE_CACHE_DIR is set')
    .action(async (text: string, folder: string | undefined, options: Options) => {
      const { dryRun = false } = options
      const client = await cli.client()
      const { model, version } = await findVersion(client, text)
      const destination = chooseDestination(folder, model.name)
      const { directory } = destination
      if (!version.isCommitted) cli.say(`Version ${version.version} is a draft: its files may still change.`)
      const listed: ListedFile[] = []
      const address = { modelId: model.id, version: version.version }
      const fileCount = version.isCommitted ? version.fileCount : undefined
      for await (const file of listAllFiles(client, { ...address, fileCount })) listed.push(file)
      requireWholeList(version, listed)
      requireSafePaths(listed)
      if (folder === undefined && !isNamed(text, model)) await requireOwnFolder(directory, listed)
      const selected = select(listed, options)
      const cache = findCache(cli, options)
      const files = await receiveFiles(cli, { address, destination, listed: selected, dryRun, cache })
      const extraFiles = await findExtraFiles(directory, new Set(listed.map(file => file.path)), EXTRA_MAX)
      warnOfExtraFiles(cli, extraFiles)
      if (!dryRun) warnOfPartialFiles(cli, await sweepPartialFiles(destination, files))
      const answer = { model, version, directory, files, extraFiles }
      await cli.answer(answer, describe({ model, version, directory, files, dryRun }))
    })

interface Options extends SelectionOptions, CacheOptions {
  dryRun?: boolean
}

function select(listed: ListedFile[], options: SelectionOptions): ListedFile[] {
  const isSelected = createSelection(options)
  const selected = listed.filter(file => isSelected(file.path))
  if (listed.length > 0 && selected.length === 0) {
    throw new CliError('missing', 'no file of the version is selected', 'See which it has: holotype file list')
  }
  return selected
}

/** Who types a model's name knows where its files will go. */
function isNamed(text: string, { name }: Model): boolean {
  return text === name || text.startsWith(`${name}@`)
}

/** A model that is pulled by its id may be called like a folder that is there for something else. */
async function requireOwnFolder(directory: string, listed: ListedFile[]): Promise<void> {
  const [other] = await findExtraFiles(directory, new Set(listed.map(({ path }) => path)), 1)
  if (other === undefined) return
  const message = `the model's name is that of ${directory}, where other files are already, such as "${other}"`
  throw new CliError('conflict', message, 'Say where: holotype pull <model> <folder>')
}

function requireWholeList(version: Version, listed: ListedFile[]): void {
  if (!version.isCommitted || version.fileCount === listed.length) return
  throw new IntegrityError(`the version has ${count(version.fileCount, 'file')}, but ${listed.length} were listed`)
}

type ReceivedFile = ListedFile & { status: 'fetched' | 'cached' | 'kept' | 'missing' }

interface Plan {
  address: { modelId: string; version: string }
  destination: Destination
  listed: ListedFile[]
  dryRun: boolean
  cache: Cache | undefined
}

async function receiveFiles(cli: Cli, { address, destination, listed, dryRun, cache }: Plan): Promise<ReceivedFile[]> {
  const connection = await cli.connection()
  const results = new Map<string, ReceivedFile>()
  using progress = await showProgress(cli, dryRun ? 'Comparing' : 'Pulling', sumSizes(listed))
  const receive = async ({ path, size, sha256 }: ListedFile, signal: AbortSignal) => {
    const onProgress = (bytes: number) => progress.add(bytes)
    const isSameSize = (await findLocalSize(destination, path)) === size
    if (isSameSize && (await hashFile(localPath(destination.directory, path), { onProgress, signal })) === sha256) {
      results.set(path, { path, size, sha256, status: 'kept' })
      return
    }
    if (isSameSize) onProgress(-size)
    if (dryRun) {
      results.set(path, { path, size, sha256, status: 'missing' })
      return
    }
    const isCached = await writeBelow(destination, path, file => {
      const download = { ...address, path, size, sha256, file, onProgress, signal }
      return nameFile(path, signal, fetchFile(cli, { cache, connection, download }))
    })
    results.set(path, { path, size, sha256, status: isCached ? 'cached' : 'fetched' })
  }
  await forEachParallel(listed, { limit: PARALLEL, signal: cli.signal }, receive).catch(error => {
    const isBroken = cli.signal.aborted || error instanceof ConnectionError
    if (isBroken && !dryRun) cli.say('What has come is kept: the same command resumes where this one stopped.')
    throw error
  })
  return listed.flatMap(({ path }) => results.get(path) ?? [])
}

function warnOfExtraFiles(cli: Cli, extra: string[]): void {
  if (extra.length === 0) return
  const more = extra.length > EXTRA_SHOWN ? ', …' : ''
  const names = extra.slice(0, EXTRA_SHOWN).map(show).join(', ')
  const number = extra.length === EXTRA_MAX ? `${EXTRA_MAX} or more files` : count(extra.length, 'file')
  cli.say(`Not part of the version, and left alone: ${number} (${names}${more})`)
}

function warnOfPartialFiles(cli: Cli, left: string[]): void {
  if (left.length === 0) return
  const names = left.slice(0, EXTRA_SHOWN).map(show).join(', ')
  const more = left.length > EXTRA_SHOWN ? ', …' : ''
  cli.say(`Left by pulls of something else, or still needed by them: ${count(left.length, 'file')} (${names}${more})`)
}

interface Outcome {
  model: Model
  version: Version
  directory: string
  files: ReceivedFile[]
  dryRun: boolean
}

function describe({ model, version, directory, files, dryRun }: Outcome): string {
  const kept = files.filter(file => file.status === 'kept')
  const fetched = files.filter(file => file.status !== 'kept')
  const what = `${count(fetched.length, 'file')}, ${showBytes(sumSizes(fetched))}`
  const cached = files.filter(file => file.status === 'cached').length
  const notes = [
    ...(cached > 0 ? [`${cached} from the cache`] : []),
    ...(kept.length > 0 ? [`${kept.length} right already`] : []),
  ]
  const known = notes.length > 0 ? ` (${notes.join(', ')})` : ''
  const source = `version ${version.version} of "${show(model.name)}"`
  if (!dryRun) return `Pulled ${what}${known}, from ${source} into ${show(directory)}.\n`
  const paths = fetched.map(file => `${show(file.path)}\n`).join('')
  return `${paths}Would pull ${what}${known}, from ${source} into ${show(directory)}.\n`
}

function sumSizes(files: ReadonlyArray<{ size: number }>): number {
  return files.reduce((sum, file) => sum + file.size, 0)
}
