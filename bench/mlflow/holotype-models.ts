/** Fills our registry by its API, so that it has all that its operations write: events, names, the index for searches. */
import { ALIAS, type Amounts, BIG, descriptionOf, nameOf } from './contender.ts'

/** So many calls at a time. */
const AT_ONCE = 32

export interface Filled {
  /** By the number that their names have. */
  modelIds: string[]
  bigModelId: string
  /** Its version 1 is a draft. */
  draftModelId: string
}

interface Api {
  url: string
  headers: Record<string, string>
}

export async function fillHolotype(api: Api, amounts: Amounts): Promise<Filled> {
  const modelIds: string[] = []
  await forEach(amounts.models, async index => {
    const name = nameOf(index, amounts)
    const { id = '' } = await send(api, 'POST', '/models', { name, description: descriptionOf(index) })
    modelIds[index] = id
    for (let made = 0; made < amounts.versions; made++) await addVersion(api, id, name)
    await send(api, 'PUT', `/models/${id}/aliases/${ALIAS}`, { version: 1 })
  })
  const { id: bigModelId = '' } = await send(api, 'POST', '/models', { name: BIG, description: 'the large one' })
  await forEach(amounts.big, () => addVersion(api, bigModelId, BIG))
  await send(api, 'PUT', `/models/${bigModelId}/aliases/${ALIAS}`, { version: 1 })
  const { id: draftModelId = '' } = await send(api, 'POST', '/models', { name: 'bytes' })
  await send(api, 'POST', `/models/${draftModelId}/versions`, {})
  return { modelIds, bigModelId, draftModelId }
}

export function messageOf(name: string, version: number | string): string {
  return `version ${version} of ${name}`
}

async function addVersion(api: Api, modelId: string, name: string): Promise<void> {
  const { version = '' } = await send(api, 'POST', `/models/${modelId}/versions`, {})
  const body = { isCommitted: true, message: messageOf(name, version) }
  await send(api, 'PUT', `/models/${modelId}/versions/${version}`, body)
}

/** Calls `work` for 0 to `count` - 1. */
async function forEach(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const takeNext = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, takeNext))
}

async function send(
  { url, headers }: Api,
  ...[method, path, body]: [method: string, path: string, body: unknown]
): Promise<Record<string, string>> {
  const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) })
  if (response.status !== 200) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Record<string, string>
}
