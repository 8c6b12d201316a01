import { Command } from 'commander'
import { dataOf } from '../../../client/client.ts'
import type { ClientCommand } from '../../context.ts'
import { findModel, findNamedVersion } from '../../find-model.ts'
import { type NoteOptions, toNotes, withNotes } from '../../options.ts'
import { count, show, showBytes } from '../../show.ts'

interface Options extends NoteOptions {
  to?: string
}

export const copyVersion: ClientCommand = cli =>
  withNotes(
    new Command('copy').description('open a draft that begins with the files of another version, without sending them'),
  )
    .argument('<model@version>', 'a model, and a version number or alias')
    .option('--to <model>', 'the model that gets the draft; the same one when left out')
    .action(async (text: string, { to, ...notes }: Options) => {
      const client = await cli.client()
      const { model, version } = await findNamedVersion(client, text)
      const target = to === undefined ? model : await findModel(client, to)
      const body = { ...toNotes(notes), sourceModelId: model.id, sourceVersion: version.version }
      const path = { id: target.id }
      const draft = await dataOf(client.POST('/v1/models/{id}/versions', { params: { path }, body }))
      const what = `${count(draft.fileCount, 'file')}, ${showBytes(Number(draft.usageBytes))}`
      const words = `Version ${draft.version} of "${show(target.name)}" is a draft with the files of version ${version.version}`
      await cli.answer(draft, `${words}${target === model ? '' : ` of "${show(model.name)}"`} (${what}).\n`)
      cli.say(`Change it with \`holotype push --version ${draft.version}\`, then \`holotype version commit\`.`)
    })
