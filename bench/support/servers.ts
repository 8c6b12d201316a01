/** The servers that figures compare, started and ready to be called. */
import { join } from 'node:path'
import type { BareAnswers } from '../processes/bare-server.ts'
import type { LoadAnswers } from '../processes/load.ts'
import type { MachineAnswers } from '../processes/machine.ts'
import type { RegistryAnswers } from '../processes/registry-server.ts'
import { type Helper, startHelper } from './processes.ts'

/** Our server, with its URL and a key that may do everything. */
export interface RegistryServer extends Helper<RegistryAnswers> {
  dataDir: string
  url: string
  headers: { authorization: string }
}

export async function startRegistry(
  dir: string,
  { name = 'data', synchronous = 'FULL' }: { name?: string; synchronous?: 'FULL' | 'OFF' } = {},
): Promise<RegistryServer> {
  const dataDir = join(dir, name)
  const helper = await startHelper<RegistryAnswers>('registry-server', 'server')
  const { url, key } = await helper.ask('start', { dataDir, synchronous })
  return { ...helper, dataDir, url: `${url}/v1`, headers: { authorization: `Bearer ${key}` } }
}

export const startBare = () => startHelper<BareAnswers>('bare-server', 'server')
export const startMachine = () => startHelper<MachineAnswers>('machine', 'server')
export const startLoad = () => startHelper<LoadAnswers>('load', 'load')

/** Makes something through the API and answers it. */
export async function post(server: RegistryServer, path: string, body: unknown): Promise<Record<string, string>> {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { ...server.headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Record<string, string>
}

/** A draft to put files into. Answers the URL below which they go. */
export async function createDraft(server: RegistryServer): Promise<string> {
  const { id } = await post(server, '/models', { name: 'bench' })
  const { version } = await post(server, `/models/${id}/versions`, {})
  return `${server.url}/models/${id}/versions/${version}/files`
}
