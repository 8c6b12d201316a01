/** Parts that fail on demand, to put in the place of the real ones. */
import { sql } from 'kysely'
import { type Overrides, openDatabase } from '../../src/app.ts'
import { LocalStore } from '../../src/blobs/local/local-store.ts'
import type { Database, Work } from '../../src/metadata/database.ts'

type OpenDatabase = NonNullable<Overrides['openDatabase']>

/** A database whose transactions fail while `failure` is set. Reading goes on. */
export function faultyDatabase(): { failure: Error | undefined; openDatabase: OpenDatabase } {
  const fault: ReturnType<typeof faultyDatabase> = {
    failure: undefined,
    async openDatabase(config) {
      const db = await openDatabase(config)
      return withTransaction(db, work => (fault.failure ? Promise.reject(fault.failure) : db.transaction(work)))
    },
  }
  return fault
}

/**
 * A database that runs each `work` twice, as one does where another transaction came in between: what the first run has done is taken back,
 * its events are dropped, and only the second one counts. So a `work` that changes anything outside its handle does it twice.
 */
export function rerunningDatabase(open: OpenDatabase = openDatabase): { openDatabase: OpenDatabase } {
  return {
    async openDatabase(config) {
      const db = await open(config)
      return withTransaction(db, work => db.transaction(runTwice(work)))
    },
  }
}

function runTwice<T>(work: Work<T>): Work<T> {
  return async (trx, log) => {
    await sql`savepoint first_run`.execute(trx)
    // Whatever it comes to, the second run is the one that counts.
    await Promise.allSettled([work(trx, { append() {} })])
    await sql`rollback to savepoint first_run`.execute(trx)
    await sql`release savepoint first_run`.execute(trx)
    return await work(trx, log)
  }
}

/** The same database with another way to make changes. */
function withTransaction(db: Database, transaction: Database['transaction']): Database {
  return new Proxy(db, {
    get(target, name) {
      if (name === 'transaction') return transaction
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** A store that opens no blob while `failure` is set. */
export function faultyStore(): { failure: Error | undefined; openStore: NonNullable<Overrides['openStore']> } {
  const fault: ReturnType<typeof faultyStore> = {
    failure: undefined,
    async openStore(dir) {
      const store = await LocalStore.open(dir)
      const read = store.read.bind(store)
      const create = store.create.bind(store)
      store.read = (...args) => (fault.failure ? Promise.reject(fault.failure) : read(...args))
      store.create = (...args) => (fault.failure ? Promise.reject(fault.failure) : create(...args))
      return store
    },
  }
  return fault
}

/** A store that has made bytes durable and readable, and does not say so before `release` is called. */
export function heldStore(): {
  openStore: NonNullable<Overrides['openStore']>
  isPublished: Promise<void>
  release(): void
} {
  const published = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  return {
    isPublished: published.promise,
    release: released.resolve,
    async openStore(dir) {
      const store = await LocalStore.open(dir)
      const create = store.create.bind(store)
      store.create = async (...args) => {
        const writer = await create(...args)
        const publish = async () => {
          await writer.publish()
          published.resolve()
          await released.promise
        }
        return { ...writer, publish }
      }
      return store
    },
  }
}
