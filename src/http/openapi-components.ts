/** Gives the schemas of the published contract their names, so that a client generator makes one type of each and not twenty. */
import type { OpenAPIV3_1 } from 'openapi-types'

type Json = Record<string, unknown>

/** Moves each schema with a title to `components`, with a reference where it was. */
export function nameSchemas(document: Partial<OpenAPIV3_1.Document>): Partial<OpenAPIV3_1.Document> {
  const schemas: Record<string, Json> = {}
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit)
    if (typeof value !== 'object' || value === null) return value
    const visited = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item)]))
    const title = visited['title']
    if (typeof title !== 'string' || visited['type'] === undefined) return visited
    // As the answer of a route it carries the description of that answer.
    const { description: _, ...schema } = visited
    schemas[title] = schema
    return { $ref: `#/components/schemas/${title}` }
  }
  const paths = visit(document.paths) as NonNullable<OpenAPIV3_1.Document['paths']>
  for (const operations of Object.values(paths)) {
    for (const operation of Object.values(operations as Record<string, OpenAPIV3_1.OperationObject>)) {
      markOptionalBodies(operation)
    }
  }
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    ...document,
    paths,
    components: { ...document.components, schemas: sorted as OpenAPIV3_1.ComponentsObject['schemas'] & object },
  }
}

/** A body that may be null may also be left out, and no bytes are an empty file. */
function markOptionalBodies({ requestBody }: OpenAPIV3_1.OperationObject): void {
  if (!requestBody || !('content' in requestBody)) return
  const schema = requestBody.content['application/json']?.schema
  const isNullable = schema && 'type' in schema && Array.isArray(schema.type) && schema.type.includes('null')
  if (isNullable || 'application/octet-stream' in requestBody.content) requestBody.required = false
}
