/** The published contract, made from the routes themselves, so that it can't say anything else than what they do. */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifySchema } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import type { Operation } from '../operation.ts'
import { v1Operations } from './routes.ts'

type Json = Record<string, unknown>

export async function publishOpenApi(server: FastifyInstance, version: string): Promise<void> {
  const operations = new Map(v1Operations.map(operation => [operation.id, operation]))
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Holotype',
        version,
        description:
          'A model registry: the Paperspace Models API, and around it versions, files, aliases, projects, teams and keys.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: { securitySchemes: { BearerAuth: { type: 'http', scheme: 'bearer', description: 'An API key.' } } },
    },
    transform: ({ schema, url }) => {
      const operation = operations.get(String((schema as { operationId?: string } | undefined)?.operationId))
      return operation ? describe(operation, schema) : { schema: { ...schema, hide: true }, url }
    },
    transformObject: document =>
      'openapiObject' in document ? nameSchemas(document.openapiObject as Partial<OpenAPIV3_1.Document>) : {},
  })
}

export async function serveDocs(server: FastifyInstance): Promise<void> {
  server.get('/openapi.json', { config: { access: 'anyone' }, schema: { hide: true } }, async () => server.swagger())
  await server.register(async docs => {
    docs.addHook('onRoute', route => {
      route.config = { ...route.config, access: 'anyone' }
    })
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: true,
      // Nothing may come from elsewhere, and nothing may insist on https where the registry is served without.
      transformStaticCSP: header =>
        header
          .replaceAll(' https:', '')
          .replace(' validator.swagger.io', '')
          .replace(' upgrade-insecure-requests;', ''),
      // Unset, the page would send the contract to a validator on another host.
      uiConfig: { validatorUrl: null, deepLinking: true, persistAuthorization: false, layout: 'BaseLayout' },
      theme: { title: 'Holotype API' },
    })
  })
}

function describe(operation: Operation, schema: FastifySchema): { schema: FastifySchema; url: string } {
  const described: FastifySchema & Json = {
    ...schema,
    ...publishRules({ params: schema.params, querystring: schema.querystring, body: schema.body }),
    security: operation.access === 'anyone' ? [{}, { BearerAuth: [] }] : [{ BearerAuth: [] }],
    ...(operation.access !== 'anyone' && { 'x-access': operation.access }),
    response: {
      200: successOf(operation),
      ...otherAnswersOf(operation),
      default: withDescription(schema.response, 'default', 'What went wrong.'),
    },
  }
  if (operation.takes === 'bytes') {
    described.consumes = ['application/octet-stream']
    described.body = { type: 'string', format: 'binary' }
  }
  return { schema: described, url: `/v1${operation.path.replace('+}', '}').replace(/\{(\w+)\}/g, ':$1')}` }
}

/** Requests as callers should know them: keys we don't know are passed over, and what only the registry checks is a rule all the same. */
function publishRules(value: object): Json {
  const published = Object.entries(value).filter(
    ([key, item]) => item !== undefined && !(key === 'additionalProperties' && item === false),
  )
  return Object.fromEntries(
    published.map(([key, item]) => {
      const isObject = typeof item === 'object' && item !== null && !Array.isArray(item)
      return [key === 'x-pattern' ? 'pattern' : key, isObject ? publishRules(item) : item]
    }),
  )
}

function successOf(operation: Operation): Json {
  if (operation.gives !== 'bytes') return { description: 'Success.', ...operation.response }
  if (operation.method === 'HEAD') return { description: 'The headers of the download.', type: 'null' }
  return {
    description: 'The bytes.',
    content: { [operation.mediaType ?? '']: { schema: { type: 'string', format: 'binary' } } },
  }
}

/** They have the same media type as the 200, or no body at all. */
function otherAnswersOf(operation: Operation): Json {
  const { otherAnswers = {}, mediaType = '' } = operation
  const bytes = { [mediaType]: { schema: { type: 'string', format: 'binary' } } }
  return Object.fromEntries(
    Object.entries(otherAnswers).map(([status, description]) => [
      status,
      status === '206' ? { description, content: bytes } : { description, type: 'null' },
    ]),
  )
}

function withDescription(response: unknown, key: string, description: string): Json {
  return { description, ...(response as Record<string, Json>)[key] }
}

/** A body that may be null may as well be left out. */
function letOptionalBodiesOut({ requestBody }: OpenAPIV3_1.OperationObject): void {
  if (!requestBody || !('content' in requestBody)) return
  const schema = requestBody.content['application/json']?.schema
  if (schema && 'type' in schema && Array.isArray(schema.type) && schema.type.includes('null'))
    requestBody.required = false
}

/** Gives each schema with a title its place under `components`, so that a client generator makes one type of it and not twenty. */
function nameSchemas(document: Partial<OpenAPIV3_1.Document>): Partial<OpenAPIV3_1.Document> {
  const schemas: Record<string, Json> = {}
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit)
    if (typeof value !== 'object' || value === null) return value
    const visited = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item)]))
    const title = visited['title']
    if (typeof title !== 'string' || visited['type'] === undefined) return visited
    // As the answer of an operation it carries that operation's description.
    const { description: _, ...schema } = visited
    schemas[title] = schema
    return { $ref: `#/components/schemas/${title}` }
  }
  const paths = visit(document.paths) as NonNullable<OpenAPIV3_1.Document['paths']>
  for (const operations of Object.values(paths)) {
    for (const operation of Object.values(operations as Record<string, OpenAPIV3_1.OperationObject>)) {
      letOptionalBodiesOut(operation)
    }
  }
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    ...document,
    paths,
    components: { ...document.components, schemas: sorted as OpenAPIV3_1.ComponentsObject['schemas'] & object },
  }
}
