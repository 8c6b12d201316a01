/** Parts that fail on demand, to put in the place of the real ones. */

import { type Overrides, openDatabase } from '../../src/app.ts'
import { LocalStore } from '../../src/blobs/local/local-store.ts'

/** A database whose transactions fail while `failure` is set. Reading goes on. */
export function faultyDatabase(): { failure: Error | undefined; openDatabase: NonNullable<Overrides['openDatabase']> } {
  const fault: ReturnType<typeof faultyDatabase> = {
    failure: undefined,
    async openDatabase(config) {
      const db = await openDatabase(config)
      const transaction: typeof db.transaction = work =>
        fault.failure ? Promise.reject(fault.failure) : db.transaction(work)
      return new Proxy(db, {
        get(target, name) {
          if (name === 'transaction') return transaction
          const value = Reflect.get(target, name, target)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
    },
  }
  return fault
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
