/** One client that works on models of its own: each write is told to the expectation before it is sent and after it is answered. */
import { createHash } from 'node:crypto'
import { type Client, Unanswered } from './client.ts'
import {
  addVersion,
  change,
  type Expectation,
  type ExpectedModel,
  type ExpectedVersion,
  expectedModel,
  fileOf,
} from './expectation.ts'
import type { Random } from './random.ts'

const MODELS = 3
const PATHS = ['weights.bin', 'config.json', 'tokenizer/vocab.txt', 'empty']

export interface Writer {
  /** Writes until the server goes away. Throws when it answers something wrong. `onAnswer` is not waited for. */
  work(client: Client, onAnswer: () => void): Promise<void>
}

export function createWriter(name: string, expectation: Expectation, pool: Buffer[], random: Random): Writer {
  const own = () => [...expectation.models.values()].filter(model => model.name.startsWith(`${name} `))
  let made = 0

  async function createModel(client: Client): Promise<void> {
    made += 1
    const modelName = `${name} ${made}`
    expectation.unanswered.add(modelName)
    const { id } = await client.write('POST', '/models', { name: modelName })
    expectation.unanswered.delete(modelName)
    expectation.models.set(String(id), expectedModel(String(id), modelName))
  }

  async function createVersion(client: Client, model: ExpectedModel): Promise<void> {
    model.mayHaveOneMore = true
    const { version } = await client.write('POST', `/models/${model.id}/versions`)
    model.mayHaveOneMore = false
    addVersion(model, Number(version))
  }

  async function upload(client: Client, model: ExpectedModel, version: ExpectedVersion): Promise<void> {
    const path = random.pick(PATHS) ?? ''
    const bytes = content(path)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await change(fileOf(version, path), sha256, () => client.write('PUT', fileUrl(model, version, path), bytes))
  }

  /** Half of the time bytes that others upload too, so that they are stored once for all of them. */
  function content(path: string): Buffer {
    if (path === 'empty') return Buffer.alloc(0)
    const shared = random.pick(pool) ?? Buffer.alloc(0)
    return random.chance(0.5) ? shared : Buffer.concat([random.bytes(16), shared])
  }

  async function remove(client: Client, model: ExpectedModel, version: ExpectedVersion): Promise<void> {
    const [path, file] = random.pick([...version.files].filter(([, { value }]) => value !== undefined)) ?? []
    if (path === undefined || !file) return
    await change(file, undefined, () => client.write('DELETE', fileUrl(model, version, path)))
  }

  async function commit(client: Client, model: ExpectedModel, version: ExpectedVersion): Promise<void> {
    const body = { isCommitted: true }
    await change(version.state, 'committed', async () => {
      version.digest = String((await client.write('PUT', versionUrl(model, version), body))['digest'])
    })
  }

  async function moveAlias(client: Client, model: ExpectedModel): Promise<void> {
    const target = random.pick([...model.versions.values()].filter(({ state }) => state.value === 'committed'))
    if (!target) return
    const body = { version: String(target.number) }
    await change(model.alias, target.number, () => client.write('PUT', `/models/${model.id}/aliases/production`, body))
  }

  async function deleteVersion(client: Client, model: ExpectedModel, version: ExpectedVersion): Promise<void> {
    await change(version.state, 'deleted', () => client.write('DELETE', versionUrl(model, version)))
  }

  async function step(client: Client): Promise<void> {
    const models = own()
    const model = random.pick(models)
    if (!model || (models.length < MODELS && random.chance(0.1))) return await createModel(client)
    const draft = random.pick([...model.versions.values()].filter(({ state }) => state.value === 'draft'))
    if (!draft || random.chance(0.1)) return await createVersion(client, model)
    draft.isTouched = true
    const dice = random.below(100)
    if (dice < 60) return await upload(client, model, draft)
    if (dice < 70) return await remove(client, model, draft)
    if (dice < 82) return await commit(client, model, draft)
    if (dice < 95) return await moveAlias(client, model)
    await deleteVersion(client, model, draft)
  }

  return {
    async work(client, onAnswer) {
      try {
        for (;;) {
          onAnswer()
          await step(client)
          expectation.acknowledged += 1
        }
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error
      }
    },
  }
}

function versionUrl(model: ExpectedModel, version: ExpectedVersion): string {
  return `/models/${model.id}/versions/${version.number}`
}

function fileUrl(model: ExpectedModel, version: ExpectedVersion, path: string): string {
  return `${versionUrl(model, version)}/files/${path}`
}
