import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { usageError } from '../../errors.ts'
import { findNamedVersion } from '../../find-model.ts'
import { type NoteOptions, toNotes, withNotes } from '../../options.ts'
import { record } from '../../table.ts'

export const updateVersion: ClientCommand = cli =>
  withNotes(
    new Command('update').description('change what is said about a version; tags and metadata replace those it has'),
  )
    .argument('<model@version>', 'a model, and a version number or alias')
    .action(async (text: string, options: NoteOptions) => {
      const body = toNotes(options)
      if (Object.keys(body).length === 0) throw usageError('there is nothing to change', 'Give --message, for example.')
      const client = await cli.client()
      const { model, version } = await findNamedVersion(client, text)
      const path = { id: model.id, version: version.version }
      const updated = await dataOf(client.PUT('/v1/models/{id}/versions/{version}', { params: { path }, body }))
      await cli.answer(updated, record(updated))
    })
