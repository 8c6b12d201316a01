/**
 * Hot queries build their SQL once and then only bind values. Building a query anew costs about as much as running it.
 */
import type { Compilable, CompiledQuery } from 'kysely'
import type { Queryable } from './database.ts'

class Slot {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

type Scalar = string | number | null

/**
 * @param build builds the query from placeholders; it runs once. The placeholders may stand only where a value is bound.
 * @returns a function that runs the query with real values.
 */
export function prepare<Args extends Record<string, Scalar>, Row>(
  build: (db: Queryable, args: Args) => Compilable<Row>,
): (db: Queryable, args: Args) => Promise<Row[]> {
  let compiled: CompiledQuery<Row> | undefined
  const slots = new Proxy({} as Args, { get: (_, name) => new Slot(String(name)) })
  return async (db, args) => {
    compiled ??= build(db, slots).compile()
    const parameters = compiled.parameters.map(value => (value instanceof Slot ? (args[value.name] as Scalar) : value))
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters })
    return rows
  }
}
