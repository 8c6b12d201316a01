import type { Registry } from '../registry.ts'
import { forEachForeignStore } from './open-stores.ts'

/** Asks the stores of all S3 providers whether they are well. The log names those that are not. */
export async function checkStorageProviders(registry: Registry): Promise<void> {
  await forEachForeignStore(registry, store => store.checkHealth())
}
