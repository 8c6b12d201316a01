/** The servers that figures compare, started and ready to be called. */
import { join } from 'node:path'
import type { BarePostgresqlAnswers } from '../processes/bare-postgresql.ts'
import type { BareAnswers } from '../processes/bare-server.ts'
import type { LoadAnswers } from '../processes/load.ts'
import type { MachineAnswers } from '../processes/machine.ts'
import type { RegistryAnswers, StartOptions } from '../processes/registry-server.ts'
import { type Helper, type Side, startHelper } from './processes.ts'

/** Our server, with its URL and a key that may do everything. */
export interface RegistryServer extends Helper<RegistryAnswers> {
  dataDir: string
  databaseUrl: string | undefined
  /** Of the API. */
  url: string
  headers: { authorization: string }
}

export interface RegistryOptions extends Omit<StartOptions, 'dataDir'> {
  /** Of its data directory. */
  name?: string
  side?: Side
}

export async function startRegistry(
  dir: string,
  { name = 'data', side = 'server', ...options }: RegistryOptions = {},
): Promise<RegistryServer> {
  const dataDir = join(dir, name)
  const { databaseUrl } = options
  const helper = await startHelper<RegistryAnswers>('registry-server', side)
  const { url, key } = await helper.ask('start', { dataDir, ...options })
  return { ...helper, dataDir, databaseUrl, url: `${url}/v1`, headers: { authorization: `Bearer ${key}` } }
}

export const startBare = () => startHelper<BareAnswers>('bare-server', 'server')
export const startBarePostgresql = (side: Side) => startHelper<BarePostgresqlAnswers>('bare-postgresql', side)
export const startMachine = () => startHelper<MachineAnswers>('machine', 'server')
export const startLoad = () => startHelper<LoadAnswers>('load', 'load')

/** Makes something through the API and answers it. */
export async function post(server: RegistryServer, path: string, body: unknown): Promise<Record<string, string>> {
  return await send(server, 'POST', path, body)
}

/** Calls the API. Throws unless the answer is a 2xx. */
export async function send(
  server: RegistryServer,
  ...[method, path, body]: [method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown]
): Promise<Record<string, string>> {
  const response = await fetch(server.url + path, {
    method,
    headers: { ...server.headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Record<string, string>
}

/** A draft to put files into. Answers the URL below which they go. */
export async function createDraft(server: RegistryServer): Promise<string> {
  const { id } = await post(server, '/models', { name: 'bench' })
  const { version } = await post(server, `/models/${id}/versions`, {})
  return `${server.url}/models/${id}/versions/${version}/files`
}
