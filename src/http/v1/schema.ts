/** The building blocks of v1's schemas. One schema gives types, validation, fast serialisation and the published contract. */
import { type Static, type TSchema, Type } from 'typebox'
import { LONG_PAGE_LIMIT_MAX, PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, type Page } from '../../domain/paging.ts'

/** ms since 1970 as the wire has it: ISO 8601, milliseconds, `Z`. */
export function toDate(time: number): string {
  return new Date(time).toISOString()
}

export const DateTime = Type.String({ format: 'date-time', description: 'ISO 8601, UTC, in milliseconds.' })

/** Null where there is no value; the key is always there. */
export function Nullable<T extends TSchema & { type: string }>(schema: T) {
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [schema.type, 'null'] })
}

export function OneOf<const Values extends readonly string[]>(values: Values, description?: string) {
  return Type.Unsafe<Values[number]>({ type: 'string', enum: values, ...(description && { description }) })
}

/**
 * A rule that the published contract shows as a `pattern`. The registry checks it, since its refusals say in words what is wrong; a
 * validator would only quote the pattern.
 */
export function following(pattern: string) {
  return { 'x-pattern': pattern }
}

const NO_CONTROL = '\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029'

/** One line of text, which may be empty: no control characters and no line breaks. */
export const ONE_LINE_OR_NONE = following(`^[^${NO_CONTROL}]*$`)

/** One line of text that shows: no control characters and no line breaks, and not only white space. */
export const ONE_LINE = following(`^[^${NO_CONTROL}]*[^\\s\\ufeff${NO_CONTROL}][^${NO_CONTROL}]*$`)

export const Id = Type.Object({ id: Type.String() })

const limitTo = (maximum: number) =>
  Type.Integer({ minimum: 1, maximum, default: PAGE_LIMIT_DEFAULT, description: 'The number of items of the page.' })

/** Cursors are opaque: only the list that made one can read it. */
const CURSOR = '^c[A-Za-z0-9_-]{20,4000}$'

const paging = {
  after: Type.Optional(Type.String({ description: 'The `nextPage` of the page before.', ...following(CURSOR) })),
  order: Type.Optional(OneOf(['asc', 'desc'], 'Oldest or newest first; newest unless given.')),
  orderBy: Type.Optional(OneOf(['dtCreated'], 'The field to sort by.')),
}

/**
 * The query of a list of the Paperspace family, with filters of its own. Unknown keys are ignored, since `pspace project list` (1.x) sends its own flags along; and
 * they are dropped, since what was not checked must not reach a query.
 */
export function PageQuery<const Filters extends Record<string, TSchema>>(filters: Filters) {
  return pageQuery(PAGE_LIMIT_MAX, filters)
}

/** The query of a list that the family doesn't have: its pages may be longer. */
export function LongPageQuery<const Filters extends Record<string, TSchema>>(filters: Filters) {
  return pageQuery(LONG_PAGE_LIMIT_MAX, filters)
}

function pageQuery<const Filters extends Record<string, TSchema>>(maximum: number, filters: Filters) {
  const { after, order, orderBy } = paging
  return Type.Object(
    { after, limit: Type.Optional(limitTo(maximum)), order, orderBy, ...filters },
    { additionalProperties: false },
  )
}

/** The query of a list that is sorted by path. */
export const PathPageQuery = Type.Object(
  {
    after: paging.after,
    limit: Type.Optional(limitTo(LONG_PAGE_LIMIT_MAX)),
  },
  { additionalProperties: false },
)

/** A page of a list. `nextPage` is always there: the official Paperspace client (1.x) prints nothing without it. */
export function PageOf<T extends TSchema>(item: T) {
  return Type.Object(
    { hasMore: Type.Boolean(), items: Type.Array(item), nextPage: Nullable(Type.String()) },
    { title: `${(item as { title?: string }).title}Page` },
  )
}

export function presentPage<T, Shown>(page: Page<T>, present: (item: T) => Shown) {
  return { hasMore: page.nextPage !== null, items: page.items.map(present), nextPage: page.nextPage }
}

export const ErrorSchema = Type.Object(
  {
    code: Type.String(),
    details: Type.Optional(
      Type.Object({ problems: Type.Array(Type.Object({ field: Type.String(), message: Type.String() })) }),
    ),
    message: Type.String(),
  },
  { title: 'Error' },
)
