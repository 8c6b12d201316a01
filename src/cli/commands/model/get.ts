import { Command } from 'commander'
import { type Client, dataOf, type Model, type Version } from '../../../client/client.ts'
import { ApiError } from '../../../client/errors.ts'
import type { Cli, ClientCommand } from '../../context.ts'
import { findModel } from '../../find-model.ts'
import { count, showBytes, showTime } from '../../show.ts'
import { record } from '../../table.ts'
import { readUserNames } from '../../user-names.ts'

/** How many versions and aliases are asked for; a page has no more. */
const PAGE = 1000
const ALIASES_SHOWN = 20

export const getModel: ClientCommand = cli =>
  new Command('get')
    .description('show a model: its versions and aliases, its size, and who changed it last')
    .argument('<model>', 'its id or name')
    .action(async (text: string) => {
      const client = await cli.client()
      const model = await findModel(client, text)
      await cli.answer(model, cli.flags.json ? '' : record(await describeModel(cli, client, model), cli.room))
    })

async function describeModel(cli: Cli, client: Client, model: Model) {
  const path = { id: model.id }
  const [versions, aliases, events, nameOf] = await Promise.all([
    dataOf(client.GET('/v1/models/{id}/versions', { params: { path, query: { limit: PAGE } } })),
    dataOf(client.GET('/v1/models/{id}/aliases', { params: { path, query: { limit: PAGE } } })),
    listLastEvents(client, model),
    readUserNames(cli),
  ])
  const latest = versions.items.find(version => version.isCommitted)
  const [last] = events
  return {
    name: model.name,
    id: model.id,
    ...(model.description !== null && { description: model.description }),
    visible: model.isPublic ? 'to every key of the registry' : 'to its team',
    ...(model.projectId !== null && { project: model.projectId }),
    latest: latest ? describeVersion(latest, nameOf) : 'no version is committed yet',
    ...(latest?.message != null && { '': latest.message }),
    aliases: describeAliases(aliases.items),
    versions: countVersions(versions),
    size: `${showBytes(versions.items.reduce((sum, version) => sum + Number(version.usageBytes), 0))} in all versions`,
    created: showTime(model.dtCreated),
    ...(last && { changed: `${showTime(last.dtCreated)} by ${nameOf(last.userId)}: ${last.kind} ${last.subject.id}` }),
  }
}

/** Nothing for another team's public model, whose feed is theirs. */
async function listLastEvents(client: Client, { id }: Model) {
  try {
    return (await dataOf(client.GET('/v1/models/{id}/events', { params: { path: { id }, query: { limit: 1 } } }))).items
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return []
    throw error
  }
}

function describeVersion(version: Version, nameOf: (id: string) => string): string {
  const what = `${count(version.fileCount, 'file')}, ${showBytes(Number(version.usageBytes))}`
  return `version ${version.version}: ${what}, made ${showTime(version.dtCreated)} by ${nameOf(version.userId)}`
}

function describeAliases(aliases: ReadonlyArray<{ alias: string; version: string }>): string {
  const shown = aliases.slice(0, ALIASES_SHOWN).map(({ alias, version }) => `${alias} -> ${version}`)
  const more = aliases.length > shown.length ? ` and ${aliases.length - shown.length} more` : ''
  return aliases.length === 0 ? 'none' : `${shown.join(', ')}${more}`
}

function countVersions({ items, hasMore }: { items: Version[]; hasMore: boolean }): string {
  const drafts = items.filter(version => !version.isCommitted).length
  const number = hasMore ? `${PAGE} and more` : String(items.length)
  return drafts === 0 ? number : `${number}, of which ${count(drafts, 'draft')}`
}
