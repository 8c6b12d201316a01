/**
 * Hot queries build their SQL once per kind of database and then only bind values. Building a query anew costs about as much as running it.
 */
import type { CompiledQuery, DialectAdapter, QueryExecutorProvider } from 'kysely'
import type { Reader } from './database.ts'

class Slot {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

type Scalar = string | number | null

/** A query that was built: by Kysely's builders or as raw SQL. */
interface Built<Row> {
  compile(db: QueryExecutorProvider): CompiledQuery<Row>
}

/**
 * @param build builds the query from placeholders; it runs once per kind of database. The placeholders may stand only where a value is
 *   bound, so `build` must not branch on them.
 * @returns a function that runs the query with real values.
 */
export function prepare<Args extends Record<string, Scalar>, Row, Db extends Reader = Reader>(
  build: (db: Db, args: Args) => Built<Row>,
): (db: Db, args: Args) => Promise<Row[]> {
  const compiled = new WeakMap<DialectAdapter, CompiledQuery<Row>>()
  const slots = new Proxy({} as Args, { get: (_, name) => new Slot(String(name)) })
  return async (db, args) => {
    const { adapter } = db.getExecutor()
    let query = compiled.get(adapter)
    if (!query) {
      query = build(db, slots).compile(db)
      compiled.set(adapter, query)
    }
    const parameters = query.parameters.map(value => (value instanceof Slot ? (args[value.name] as Scalar) : value))
    const { rows } = await db.executeQuery<Row>({ ...query, parameters })
    return rows
  }
}
