/** The published contract, as far as answers are compared with it. Read when the first answer comes. */
import { readFile } from 'node:fs/promises'

/** The part of JSON Schema that the contract is written in. */
export interface Schema {
  $ref?: string
  title?: string
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
}

interface Contract {
  paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, { schema: Schema }> }> }>>
  components: { schemas: Record<string, Schema> }
}

let contract: Promise<Contract> | undefined

async function loadContract(): Promise<Contract> {
  return JSON.parse(await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8'))
}

/** What a success of an operation looks like; `path` is a template such as `/v1/models/{id}`. */
export async function findAnswerSchema(method: string, path: string): Promise<Answer> {
  contract ??= loadContract()
  const { paths, components } = await contract
  const schema = paths[path]?.[method.toLowerCase()]?.responses['200']?.content?.['application/json']?.schema
  return { schema: schema ?? {}, schemas: components.schemas }
}

export interface Answer {
  schema: Schema
  /** What `$ref`s lead to, by name. */
  schemas: Record<string, Schema>
}
