import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { findModel } from '../../find-model.ts'
import { type NoteOptions, toNotes, withNotes } from '../../options.ts'
import { record } from '../../table.ts'

export const createVersion: ClientCommand = cli =>
  withNotes(new Command('create').description('open an empty draft; `holotype push` does this by itself'))
    .argument('<model>', 'its id or name')
    .action(async (text: string, options: NoteOptions) => {
      const client = await cli.client()
      const path = { id: (await findModel(client, text)).id }
      const body = toNotes(options)
      const version = await dataOf(client.POST('/v1/models/{id}/versions', { params: { path }, body }))
      await cli.answer(version, record(version))
    })
