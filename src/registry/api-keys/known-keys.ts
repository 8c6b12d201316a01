import type { ApiKey } from '../../domain/api-key.ts'
import { findApiKey } from '../../metadata/api-keys.ts'
import type { Database } from '../../metadata/database.ts'

export type StoredKey = ApiKey & { secretSha256: string }

/** Far more than are in use at once; a bound all the same. */
const KEYS_MAX = 1000

/**
 * Keys that were read from the database, for as long as nothing can have changed there: reading the same key for each request is a good part of
 * what a request costs. Holds no secrets, only what the database has. Where other processes may commit, each key is read each time.
 */
export class KnownKeys {
  readonly #keys = new Map<string, StoredKey>()
  #revision: number | undefined

  async find(db: Database, id: string): Promise<StoredKey | undefined> {
    const { revision } = db
    if (revision === undefined) return await findApiKey(db.read, id)
    if (revision !== this.#revision || this.#keys.size > KEYS_MAX) {
      this.#keys.clear()
      this.#revision = revision
    }
    const known = this.#keys.get(id)
    if (known) return known
    const key = await findApiKey(db.read, id)
    // Another may have committed while this one was read.
    if (key && db.revision === this.#revision) this.#keys.set(id, key)
    return key
  }
}
