/** The published contract, made from the routes themselves, so that it can't say anything else than what they do. */
import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifySchema } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import { type Grade, PERMISSIONS } from '../domain/permissions.ts'
import type { Door, DoorContract } from './door.ts'
import { IDEMPOTENCY_KEY_PATTERN } from './idempotency.ts'
import { nameSchemas } from './openapi-components.ts'
import type { Route } from './route.ts'
import { toFastifyPath } from './route-path.ts'
import type { RouteSource } from './routes.ts'

type Json = Record<string, unknown>

/** Only doors that have a contract are in it, each under the first of its prefixes. */
export async function publishOpenApi(
  server: FastifyInstance,
  { version, doors, publicUrl }: { version: string; doors: Door[]; publicUrl: string | undefined },
): Promise<void> {
  const schemes = doors.flatMap(({ contract }) =>
    contract ? [[contract.security.name, contract.security.scheme]] : [],
  )
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
      components: { securitySchemes: Object.fromEntries(schemes) },
    },
    transform: ({ schema, url, route }) => {
      const source = route.config?.source
      const contract = source?.prefix === source?.door.prefixes[0] ? source?.door.contract : undefined
      return source && contract ? describeRoute(source, contract, schema) : { schema: { ...schema, hide: true }, url }
    },
    transformObject: document =>
      'openapiObject' in document
        ? {
            ...nameSchemas(document.openapiObject as Partial<OpenAPIV3_1.Document>),
            // Relative to the document itself, where the registry doesn't know its URL. The library would refuse that.
            servers: [{ url: publicUrl ?? './' }],
          }
        : {},
  })
}

function describeRoute(
  { route, prefix }: RouteSource,
  { security: { name } }: DoorContract,
  schema: FastifySchema,
): { schema: FastifySchema; url: string } {
  const grade = PERMISSIONS[route.permission]
  const described: FastifySchema & Json = {
    ...schema,
    ...publishRules({ params: schema.params, querystring: schema.querystring, body: schema.body }),
    ...(route.method === 'POST' && { headers: IDEMPOTENCY_HEADERS }),
    security: grade === 'anyone' ? [{}, { [name]: [] }] : [{ [name]: [] }],
    ...(grade !== 'anyone' && { 'x-access': publishGrade(grade) }),
    response: {
      200: describeSuccess(route),
      ...describeOtherAnswers(route),
      default: withDescription(schema.response, 'default', 'What went wrong.'),
    },
  }
  if (route.takes === 'bytes') {
    described.consumes = ['application/octet-stream']
    described.body = { type: 'string', format: 'binary' }
  }
  return { schema: described, url: `${prefix}${toFastifyPath(route.path.replace('+}', '}'))}` }
}

const IDEMPOTENCY_HEADERS = {
  type: 'object',
  properties: {
    'Idempotency-Key': {
      type: 'string',
      pattern: IDEMPOTENCY_KEY_PATTERN,
      description:
        'Makes the request safe to repeat: sent again with the same key it has no second effect and gets the first result. With the same key and another content it is refused.',
    },
  },
}

/** What is public is readable with every key. */
function publishGrade(grade: Grade): string {
  return grade === 'public' ? 'reader' : grade
}

/** Requests as callers should know them: keys we don't know are ignored, and a rule that only the registry checks is a rule all the same. */
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

function describeSuccess(route: Route): Json {
  if (route.gives !== 'bytes') return { description: 'Success.', ...route.response }
  if (route.method === 'HEAD') return { description: 'The headers of the download.', type: 'null' }
  return {
    description: 'The bytes.',
    content: { [route.mediaType ?? '']: { schema: { type: 'string', format: 'binary' } } },
  }
}

/** They have the same media type as the 200, or no body at all. */
function describeOtherAnswers({ otherAnswers = {}, mediaType = '' }: Route): Json {
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
