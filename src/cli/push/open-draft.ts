/** The draft that a push fills: a new one, the one that was named, or the one that an interrupted push has left. */
import { type Client, dataOf, type Model, type Version } from '../../client/client.ts'
import { ApiError } from '../../client/errors.ts'
import type { PartNotes } from '../../client/parts/part-notes.ts'
import type { Cli } from '../context.ts'
import { CliError } from '../errors.ts'
import { type NoteOptions, toNotes } from '../options.ts'
import { show } from '../show.ts'
import { openUnfinishedPush, type UnfinishedPush } from './unfinished-push.ts'

export interface DraftOptions extends NoteOptions {
  version?: string
  /** False when no earlier draft is to be gone on with. */
  resume?: boolean
}

export interface PushDraft extends AsyncDisposable {
  version: Version
  /** `left`: by an earlier push of the same folder. Only that one is brought to have no other files than the folder. */
  origin: 'new' | 'named' | 'left'
  /** Whether the same command would go on with it. */
  isRemembered: boolean
  /** Of the parts that were sent into it by pushes of the same folder. */
  notes: PartNotes | undefined
  /** Once the push is complete. */
  forget(): Promise<void>
}

export async function openDraft(
  cli: Cli,
  client: Client,
  { model, source, options }: { model: Model; source: string; options: DraftOptions },
): Promise<PushDraft> {
  if (options.version !== undefined) return named(await openNamedDraft(client, model, options.version, options))
  const connection = await cli.connection()
  const unfinished = await openUnfinishedPush(cli.io.env, { connection, modelId: model.id, source })
  try {
    const left = options.resume === false ? undefined : await findLeftDraft(client, model, unfinished)
    if (left) {
      const name = show(model.name)
      cli.say(
        `Going on with version ${left.version} of "${name}", a draft that an earlier push of this folder has left.`,
      )
      return remembered(unfinished, { version: await note(client, left, options), origin: 'left', isRemembered: true })
    }
    const params = { path: { id: model.id } }
    const version = await dataOf(client.POST('/v1/models/{id}/versions', { params, body: toNotes(options) }))
    return remembered(unfinished, { version, origin: 'new', isRemembered: await unfinished.remember(version) })
  } catch (error) {
    await unfinished[Symbol.asyncDispose]()
    throw error
  }
}

function named(version: Version): PushDraft {
  return {
    version,
    origin: 'named',
    isRemembered: false,
    notes: undefined,
    async forget() {},
    async [Symbol.asyncDispose]() {},
  }
}

function remembered(
  unfinished: UnfinishedPush,
  draft: Pick<PushDraft, 'version' | 'origin' | 'isRemembered'>,
): PushDraft {
  return {
    ...draft,
    notes: unfinished.notes,
    forget: () => unfinished.forget(),
    [Symbol.asyncDispose]: () => unfinished[Symbol.asyncDispose](),
  }
}

/** Undefined when it was deleted or committed meanwhile, or when its number now means another version. */
async function findLeftDraft(client: Client, model: Model, { mark }: UnfinishedPush): Promise<Version | undefined> {
  if (!mark) return undefined
  try {
    const version = await getVersion(client, model, mark.version)
    return !version.isCommitted && version.dtCreated === mark.dtCreated ? version : undefined
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

async function openNamedDraft(client: Client, model: Model, number: string, notes: NoteOptions): Promise<Version> {
  const draft = await getVersion(client, model, number)
  if (draft.isCommitted) {
    const message = `version ${draft.version} of "${model.name}" is committed, so its files can't change`
    throw new CliError('conflict', message, 'Push without --version: that makes a new version.')
  }
  return await note(client, draft, notes)
}

async function getVersion(client: Client, model: Model, version: string): Promise<Version> {
  const params = { path: { id: model.id, version } }
  return await dataOf(client.GET('/v1/models/{id}/versions/{version}', { params }))
}

async function note(client: Client, draft: Version, options: NoteOptions): Promise<Version> {
  const body = toNotes(options)
  if (Object.keys(body).length === 0) return draft
  const params = { path: { id: draft.modelId, version: draft.version } }
  return await dataOf(client.PUT('/v1/models/{id}/versions/{version}', { params, body }))
}
