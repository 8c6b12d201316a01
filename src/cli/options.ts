/** Options that several commands share, and how their values are read. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Cli } from './context.ts'
import { show } from './show.ts'
import { type Columns, sortRows, table } from './table.ts'

export interface PathPageOptions {
  sort?: string
  limit?: number
  after?: string
}

export interface PageOptions extends PathPageOptions {
  asc?: boolean
  desc?: boolean
  orderBy?: 'dtCreated'
}

/** `--limit --after`, for lists that have one order only. */
export function withPathPaging(command: Command): Command {
  return command
    .option('--limit <n>', 'how many to list', parseCount)
    .option('--after <cursor>', 'go on after the page that gave this cursor')
    .option('--sort <column>', 'sort the page by this column; -column: the other way round')
}

/** `--limit --after --asc --desc --orderBy`, as the official Paperspace client has them. */
export function withPaging(command: Command): Command {
  return withPathPaging(command)
    .addOption(new Option('--asc', 'oldest first').conflicts('desc'))
    .addOption(new Option('--desc', 'newest first (the default)'))
    .addOption(new Option('--orderBy <field>', 'what to sort by').choices(['dtCreated']))
}

export function toPageQuery({ limit, after, asc, desc, orderBy }: PageOptions) {
  return {
    ...(limit !== undefined && { limit }),
    ...(after !== undefined && { after }),
    ...(asc && { order: 'asc' as const }),
    ...(desc && { order: 'desc' as const }),
    ...(orderBy && { orderBy }),
  }
}

/** A page as a table, sorted if that was asked for; how to get the next one goes beside the answer. */
export async function answerPage<T>(
  cli: Cli,
  page: { items: T[]; nextPage: string | null },
  columns: Columns<T>,
): Promise<void> {
  const { sort } = cli.flags
  const items = sort === undefined ? page.items : sortRows(page.items, columns, sort)
  await cli.answer({ ...page, items }, table(items, columns, cli.room))
  if (cli.flags.json) return
  if (page.nextPage !== null) cli.say(`There are more: --after ${show(page.nextPage)}`)
  else if (page.items.length === 0) cli.say('None.')
}

export interface NoteOptions {
  message?: string
  tag?: string[]
  metadata?: Record<string, unknown>
}

/** What people write about a version: `--message --tag --metadata`. */
export function withNotes(command: Command): Command {
  return command
    .option('-m, --message <text>', 'what this version is')
    .option('--tag <tag>', 'a tag; may be given several times', collect)
    .option('--metadata <key=value>', 'a field; key:=value takes JSON; may be given several times', collectMetadata)
}

export function toNotes({ message, tag, metadata }: NoteOptions) {
  return {
    ...(message !== undefined && { message }),
    ...(metadata && { metadata }),
    ...(tag && { tags: tag.join(',') }),
  }
}

export function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value]
}

function collectMetadata(text: string, previous: Record<string, unknown> = {}): Record<string, unknown> {
  const [, key, operator, value = ''] = /^([^=]+?)(:?=)(.*)$/s.exec(text) ?? []
  if (key === undefined) throw new InvalidArgumentError('It must read key=value.')
  return { ...previous, [key]: operator === ':=' ? parseJson(value) : value }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new InvalidArgumentError('What follows := must be JSON.')
  }
}

export function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}
