import { Command } from 'commander'
import { type Client, dataOf, type Model } from '../../../client/client.ts'
import { ApiError } from '../../../client/errors.ts'
import { findEarlierVersions, listAliasMoves } from '../../alias-moves.ts'
import type { Cli, ClientCommand } from '../../context.ts'
import { CliError } from '../../errors.ts'
import { findModel } from '../../find-model.ts'
import { show } from '../../show.ts'

export const rollBackAlias: ClientCommand = cli =>
  new Command('rollback')
    .description('point an alias at the version it pointed at before; done twice, at the one before that')
    .argument('<model>', 'its id or name')
    .argument('<alias>', 'its name')
    .action(async (text: string, alias: string) => {
      const client = await cli.client()
      const model = await findModel(client, text)
      const path = { id: model.id, alias }
      const now = await dataOf(client.GET('/v1/models/{id}/aliases/{alias}', { params: { path } }))
      const version = await findTarget(cli, client, { model, alias, present: now.version })
      // Whoever moves it in between wins, and is not undone unseen.
      const body = { version, expectedVersion: now.version }
      const moved = await dataOf(client.PUT('/v1/models/{id}/aliases/{alias}', { params: { path }, body }))
      const what = `The alias "${show(alias)}" of "${show(model.name)}"`
      await cli.answer({ ...moved, previousVersion: now.version }, `${what}: version ${now.version} -> ${version}.\n`)
    })

/** The last one before the present that is still there. Throws a `CliError`. */
async function findTarget(
  cli: Cli,
  client: Client,
  { model, alias, present }: { model: Model; alias: string; present: string },
): Promise<string> {
  const earlier = findEarlierVersions(await listAliasMoves(client, { id: model.id, alias }))
  for (const version of new Set(earlier)) {
    if (version === present) continue
    if (await isThere(client, { id: model.id, version })) return version
    cli.say(`Version ${version} was deleted, so this goes back further.`)
  }
  throw new CliError(
    'missing',
    `the alias "${alias}" pointed at no other version before`,
    'Point it where it should be: holotype alias set <model> <alias> <version>',
  )
}

async function isThere(client: Client, path: { id: string; version: string }): Promise<boolean> {
  try {
    await dataOf(client.GET('/v1/models/{id}/versions/{version}', { params: { path } }))
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false
    throw error
  }
}
