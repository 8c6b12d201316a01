import { Command } from 'commander'
import { type Client, dataOf, type Event } from '../../client/client.ts'
import type { ClientCommand } from '../context.ts'
import { CliError } from '../errors.ts'
import { findModel, isModelId } from '../find-model.ts'
import { answerPage, type PageOptions, parseCount, toPageQuery, withPaging } from '../options.ts'
import { showTime } from '../show.ts'
import { words } from '../table.ts'
import { readUserNames } from '../user-names.ts'

interface Options extends PageOptions {
  kind?: string
  user?: string
  version?: number
  alias?: string
}

export const listEvents: ClientCommand = cli =>
  withPaging(new Command('events').description('list what happened in the team, and who did it'))
    .argument('[model]', 'only what happened to this model: its id, even of a deleted one, or its name')
    .option('--kind <kind>', 'only events of this kind, such as version.commit')
    .option('--user <id>', 'only what this user did')
    .option('--version <number>', 'only events of this version', parseCount)
    .option('--alias <name>', 'only events of this alias')
    .action(async (text: string | undefined, { kind, user, version, alias, ...paging }: Options) => {
      const query = {
        ...toPageQuery(paging),
        ...(kind !== undefined && { kind }),
        ...(user !== undefined && { userId: user }),
        ...(version !== undefined && { version }),
        ...(alias !== undefined && { alias }),
      }
      const client = await cli.client()
      const page = await (text === undefined ? findTeamEvents(client, query) : findModelEvents(client, text, query))
      const nameOf = await readUserNames(cli)
      await answerPage(cli, page, {
        when: event => showTime(event.dtCreated),
        who: words(event => nameOf(event.userId)),
        what: event => event.kind,
        about: words(describeSubject),
      })
    })

type Query = ReturnType<typeof toPageQuery> & { kind?: string; userId?: string; version?: number; alias?: string }

async function findTeamEvents(client: Client, query: Query & { modelId?: string }) {
  return await dataOf(client.GET('/v1/events', { params: { query } }))
}

async function findModelEvents(client: Client, text: string, query: Query) {
  try {
    const path = { id: (await findModel(client, text)).id }
    return await dataOf(client.GET('/v1/models/{id}/events', { params: { path, query } }))
  } catch (error) {
    const isMissing = error instanceof CliError && error.outcome === 'missing'
    if (!isMissing || !isModelId(text)) throw error
    // Of a deleted model only the team's list still tells.
    const page = await findTeamEvents(client, { ...query, modelId: text })
    if (page.items.length === 0) throw error
    return page
  }
}

/** `model mo… (resnet)`, `version 3 of mo…`, `file a/b of mo…@3`: an event has the name when it is about that. */
function describeSubject({ subject, modelId, version, details }: Event): string {
  const words = [subject.kind, subject.id]
  if (modelId !== null && subject.kind !== 'model') {
    const isOfVersion = version !== null && subject.kind !== 'version'
    words.push('of', isOfVersion ? `${modelId}@${version}` : modelId)
  }
  const { name } = details
  if (typeof name === 'string') words.push(`(${name})`)
  return words.join(' ')
}
