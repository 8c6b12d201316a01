/** The database and the stores must be of the same installation: else bytes would be swept that other rows still need. */
import { type BlobStore, OtherInstanceError } from '../../blobs/blob-store.ts'
import { conflict } from '../../domain/errors.ts'
import type { Instance } from '../../domain/instance.ts'
import { hasLocalBlobs } from '../../metadata/blobs.ts'
import type { Reader } from '../../metadata/database.ts'

/** Throws when a store holds bytes or belongs to an installation: for a database that has none yet. */
export async function requireUnusedStores(stores: readonly BlobStore[]): Promise<void> {
  for (const store of stores) {
    const owner = await store.readInstanceId()
    if (owner !== undefined) {
      throw conflict(
        `the stored bytes are of the registry ${owner}, but the database is empty: bring its database back, or start a new registry in another directory`,
      )
    }
    if (!(await isEmpty(store))) {
      throw conflict(
        'there are stored bytes, but the database is empty: bring the database of these bytes back, or start a new registry in another directory',
      )
    }
  }
}

async function isEmpty(store: BlobStore): Promise<boolean> {
  for await (const _ of store.list()) return false
  return true
}

/** Throws unless every store is of this installation: else its bytes would look like lost ones. */
export async function requireOwnStores(stores: readonly BlobStore[], instance: Instance): Promise<void> {
  for (const store of stores) {
    const owner = await store.readInstanceId()
    if (owner === instance.id) continue
    throw conflict(
      owner === undefined
        ? 'these are not the stored bytes of this registry: name its data directory with --data-dir or HOLOTYPE_DATA_DIR'
        : `the stored bytes are of the registry ${owner}, but the database is of the registry ${instance.id}: name the data directory of this one`,
    )
  }
}

/**
 * Makes the stores those of this installation. Throws when one belongs to another, and when one is empty though `db` knows stored bytes: the
 * right one is somewhere else, such as on a disk that is not mounted.
 */
export async function claimStores(stores: readonly BlobStore[], instance: Instance, db: Reader): Promise<void> {
  for (const store of stores) {
    if ((await store.readInstanceId()) === undefined && (await isEmpty(store)) && (await hasLocalBlobs(db))) {
      throw conflict(
        `the database of the registry ${instance.id} knows stored files, but there are none: mount their disk or name their directory; ` +
          'where they are lost, restore a backup',
      )
    }
    await store.writeInstanceId(instance.id).catch((error: unknown) => {
      if (!(error instanceof OtherInstanceError)) throw error
      throw conflict(
        `the stored bytes are of the registry ${error.actual}, but the database is of the registry ${error.expected}: start it with the database and the bytes of one registry`,
      )
    })
  }
}
