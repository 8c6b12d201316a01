import { resolve } from 'node:path'
import { Command } from 'commander'
import type { Model, Version } from '../../client/client.ts'
import { downloadFile } from '../../client/download-file.ts'
import { IntegrityError } from '../../client/errors.ts'
import { hashFile } from '../../client/hash-file.ts'
import { type ListedFile, listAllFiles } from '../../client/list-files.ts'
import { findPathProblem } from '../../domain/file-path.ts'
import type { Cli, ClientCommand } from '../context.ts'
import { usageError } from '../errors.ts'
import { findVersion } from '../find-model.ts'
import { count, show, showBytes } from '../show.ts'
import { findLocalSize, localPath, makeFolders, requireSafePaths } from '../transfer/destination.ts'
import { findExtraFiles } from '../transfer/local-files.ts'
import { nameFile, PARALLEL } from '../transfer/name-file.ts'
import { forEachParallel } from '../transfer/parallel.ts'
import { showProgress } from '../transfer/progress.ts'

/** More local files than these are not looked for: the folder is not one for a model. */
const EXTRA_MAX = 1000
const EXTRA_SHOWN = 5

export const pull: ClientCommand = cli =>
  new Command('pull')
    .description('fetch the files of a version and prove that they are right; what is right already stays')
    .argument('<model[@version]>', 'a model, and a version number or alias; `latest` when left out')
    .argument('[folder]', "where to put them; ./<the model's name> when left out")
    .option('--dry-run', 'only tell what would be fetched')
    .action(async (text: string, folder: string | undefined, { dryRun = false }: { dryRun?: boolean }) => {
      const client = await cli.client()
      const { model, version } = await findVersion(client, text)
      const directory = resolve(folder ?? defaultFolder(model))
      if (!version.isCommitted) cli.say(`Version ${version.version} is a draft: its files may still change.`)
      const listed: ListedFile[] = []
      const address = { modelId: model.id, version: version.version }
      const fileCount = version.isCommitted ? version.fileCount : undefined
      for await (const file of listAllFiles(client, { ...address, fileCount })) listed.push(file)
      requireWholeList(version, listed)
      requireSafePaths(listed)
      const files = await receiveFiles(cli, { address, directory, listed, dryRun })
      const extraFiles = await findExtraFiles(directory, new Set(listed.map(file => file.path)), EXTRA_MAX)
      warnOfExtraFiles(cli, extraFiles)
      const answer = { model, version, directory, files, extraFiles }
      await cli.answer(answer, describe({ model, version, directory, files, dryRun }))
    })

/** The name of a model may be anything; a folder is made from it only where it can't lead out of here. */
function defaultFolder({ name }: Model): string {
  const problem = findPathProblem(name)
  if (problem)
    throw usageError(
      `the model's name is no name for a folder: it ${problem}`,
      'Say where: holotype pull <model> <folder>',
    )
  return name
}

function requireWholeList(version: Version, listed: ListedFile[]): void {
  if (!version.isCommitted || version.fileCount === listed.length) return
  throw new IntegrityError(`the version has ${count(version.fileCount, 'file')}, but ${listed.length} were listed`)
}

type ReceivedFile = ListedFile & { status: 'fetched' | 'kept' | 'missing' }

interface Plan {
  address: { modelId: string; version: string }
  directory: string
  listed: ListedFile[]
  dryRun: boolean
}

async function receiveFiles(cli: Cli, { address, directory, listed, dryRun }: Plan): Promise<ReceivedFile[]> {
  const connection = await cli.connection()
  const results = new Map<string, ReceivedFile>()
  using progress = await showProgress(cli, dryRun ? 'Comparing' : 'Pulling', sumSizes(listed))
  await forEachParallel(listed, { limit: PARALLEL, signal: cli.signal }, async ({ path, size, sha256 }, signal) => {
    const file = localPath(directory, path)
    const onProgress = (bytes: number) => progress.add(bytes)
    const isSameSize = (await findLocalSize(directory, path)) === size
    if (isSameSize && (await hashFile(file, { onProgress, signal })) === sha256) {
      results.set(path, { path, size, sha256, status: 'kept' })
      return
    }
    if (isSameSize) onProgress(-size)
    if (!dryRun) {
      await makeFolders(directory, path)
      const download = { ...address, path, size, sha256, file, onProgress, signal }
      await nameFile(path, signal, downloadFile(connection, download))
    }
    results.set(path, { path, size, sha256, status: dryRun ? 'missing' : 'fetched' })
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
  const known = kept.length > 0 ? ` (${kept.length} right already)` : ''
  const source = `version ${version.version} of "${show(model.name)}"`
  if (!dryRun) return `Pulled ${what}${known}, from ${source} into ${show(directory)}.\n`
  const paths = fetched.map(file => `${show(file.path)}\n`).join('')
  return `${paths}Would pull ${what}${known}, from ${source} into ${show(directory)}.\n`
}

function sumSizes(files: ReadonlyArray<{ size: number }>): number {
  return files.reduce((sum, file) => sum + file.size, 0)
}
