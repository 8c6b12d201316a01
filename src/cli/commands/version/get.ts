import { Command } from 'commander'
import { type Client, dataOf, type Model, type Version } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { findVersion } from '../../find-model.ts'
import { count, showBytes, showTime } from '../../show.ts'
import { record } from '../../table.ts'
import { readUserNames } from '../../user-names.ts'

export const getVersion: ClientCommand = cli =>
  new Command('get')
    .description('show a version: its files in sum, what points at it, and what was said about it')
    .argument('<model[@version]>', 'a model, and a version number or alias; `latest` when left out')
    .action(async (text: string) => {
      const client = await cli.client()
      const { model, version } = await findVersion(client, text)
      if (cli.flags.json) return await cli.answer(version, '')
      const [aliases, nameOf] = await Promise.all([listAliasesOf(client, version), readUserNames(cli)])
      await cli.answer(version, record(describe({ model, version, aliases, nameOf }), cli.room))
    })

async function listAliasesOf(client: Client, { modelId, version }: Version): Promise<string[]> {
  const params = { path: { id: modelId }, query: { limit: 1000 } }
  const { items } = await dataOf(client.GET('/v1/models/{id}/aliases', { params }))
  return items.filter(alias => alias.version === version).map(alias => alias.alias)
}

interface Description {
  model: Model
  version: Version
  aliases: string[]
  nameOf: (id: string) => string
}

function describe({ model, version, aliases, nameOf }: Description) {
  return {
    version: `${version.version} of "${model.name}" (${model.id})`,
    state: version.isCommitted ? 'committed: its files never change' : 'a draft',
    files: `${count(version.fileCount, 'file')}, ${showBytes(Number(version.usageBytes))}`,
    aliases: aliases.length === 0 ? 'none' : aliases,
    ...(version.message !== null && { message: version.message }),
    ...(version.tags.length > 0 && { tags: version.tags }),
    ...Object.fromEntries(Object.entries(version.metadata ?? {}).map(([key, value]) => [`metadata ${key}`, value])),
    created: `${showTime(version.dtCreated)} by ${nameOf(version.userId)}`,
    changed: showTime(version.dtModified),
    ...(version.digest !== null && { digest: version.digest }),
  }
}
