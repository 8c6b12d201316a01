import { Command } from 'commander'
import type { Model, Version } from '../../client/client.ts'
import { compareFiles, compareNotes, type FileChanges, type NoteChanges } from '../compare-versions.ts'
import type { ClientCommand } from '../context.ts'
import { findNamedVersion } from '../find-model.ts'
import { count, show, showBytes } from '../show.ts'
import { align } from '../table.ts'

export const diff: ClientCommand = cli =>
  new Command('diff')
    .description('show what differs between two versions: files, metadata, tags and message')
    .argument('<model@version>', 'the earlier one: a model, and a version number or alias')
    .argument('<model@version>', 'the later one; `@2` means a version of the same model')
    .action(async (first: string, second: string) => {
      const client = await cli.client()
      const from = await findNamedVersion(client, first)
      const to = await findNamedVersion(client, second.startsWith('@') ? `${from.model.id}${second}` : second)
      const files = await compareFiles(client, from.version, to.version)
      const notes = compareNotes(from.version, to.version)
      const answer = { from: from.version, to: to.version, files, ...notes, isIdentical: isEmpty(files) }
      await cli.answer(answer, `${describeFiles(files)}${describeNotes(notes)}${summarize(from, to, files)}`)
    })

function isEmpty({ added, removed, changed }: FileChanges): boolean {
  return added.length + removed.length + changed.length === 0
}

/** In the order of the paths, as in a listing of both. */
function describeFiles({ added, removed, changed }: FileChanges): string {
  const lines = [
    ...added.map(({ path, size }) => ({ path, cells: ['+', show(path), showBytes(size)] })),
    ...removed.map(({ path, size }) => ({ path, cells: ['-', show(path), showBytes(size)] })),
    ...changed.map(({ path, from, to }) => {
      const sizes = from.size === to.size ? showBytes(to.size) : `${showBytes(from.size)} -> ${showBytes(to.size)}`
      return { path, cells: ['~', show(path), sizes] }
    }),
  ]
  return align(lines.sort((a, b) => (a.path < b.path ? -1 : 1)).map(line => line.cells))
}

function describeNotes({ message, tags, metadata }: NoteChanges): string {
  const lines: string[] = []
  if (message) lines.push(`message: ${showValue(message.from)} -> ${showValue(message.to)}`)
  const changed = [...tags.removed.map(tag => `-${tag}`), ...tags.added.map(tag => `+${tag}`)]
  if (changed.length > 0) lines.push(`tags: ${changed.join(' ')}`)
  for (const { key, ...change } of metadata) {
    const [from, to] = [
      'from' in change ? showValue(change.from) : '(none)',
      'to' in change ? showValue(change.to) : '(none)',
    ]
    lines.push(`metadata ${key}: ${from} -> ${to}`)
  }
  return lines.map(line => `${show(line)}\n`).join('')
}

function showValue(value: unknown): string {
  return value === null ? '(none)' : JSON.stringify(value)
}

type Side = { model: Model; version: Version }

function summarize(from: Side, to: Side, files: FileChanges): string {
  const other = from.model.id === to.model.id ? '' : ` of "${show(to.model.name)}"`
  const what = `version ${from.version.version} of "${show(from.model.name)}" and version ${to.version.version}${other}`
  if (isEmpty(files)) return `The files of ${what} are the same (${count(files.same, 'file')}).\n`
  const { added, removed, changed, same } = files
  return `Between ${what}: ${added.length} added, ${removed.length} removed, ${changed.length} changed, ${same} the same.\n`
}
