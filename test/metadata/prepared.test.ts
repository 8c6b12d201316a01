import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createPostgresqlDialect } from '../../src/metadata/postgresql/postgresql-dialect.ts'
import { createKysely } from '../../src/metadata/postgresql/postgresql-driver.ts'
import { prepare } from '../../src/metadata/prepared.ts'
import { openTemporary } from './support.ts'

type Args = { first: string | number | null; second: string | number | null; third: string | number | null }

/** Each value in another place than its name suggests, one of them twice, and constants in between. */
const select = prepare((db, args: Args) =>
  db.selectNoFrom([
    sql<unknown>`${'constant'}`.as('constant'),
    sql<unknown>`${args.third}`.as('c'),
    sql<unknown>`${args.first}`.as('a'),
    sql<unknown>`${7}`.as('seven'),
    sql<unknown>`${args.second}`.as('b'),
    sql<unknown>`${args.first}`.as('again'),
  ]),
)

const scalar = fc.oneof(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger(), fc.constant(null))

test('a query that is compiled once binds each value in its own place, whatever runs at the same time', async () => {
  await using temporary = await openTemporary()
  const { db } = temporary
  const argumentLists = fc.array(fc.record({ first: scalar, second: scalar, third: scalar }), { minLength: 1 })
  const property = fc.asyncProperty(argumentLists, async lists => {
    const results = await Promise.all(lists.map(args => select(db.read, args)))
    for (const [index, { first, second, third }] of lists.entries()) {
      const [row] = results[index] ?? []
      expect({ ...row }).toEqual({ constant: 'constant', c: third, a: first, seven: 7, b: second, again: first })
    }
  })
  await fc.assert(property, { numRuns: 100 })
})

test('each kind of database gets SQL of its own, whichever was asked first', async () => {
  await using temporary = await openTemporary()
  const findHold = prepare((db, args: { name: string }) =>
    db.selectFrom('holds').select('until').where('name', '=', args.name),
  )
  const asked: unknown[] = []
  const postgresql = createKysely(createPostgresqlDialect(() => false)).readerOn({
    async query(text, values) {
      asked.push([text, values])
      return { rows: [], rowCount: 0 }
    },
  })
  await findHold(temporary.db.read, { name: 'a' })
  await findHold(postgresql, { name: 'b' })
  await findHold(temporary.db.read, { name: 'c' })
  expect(asked).toEqual([['select "until" from "holds" where "name" = $1', ['b']]])
})
