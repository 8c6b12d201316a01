/** The key that seals the secrets of storage providers: a setting, or a file in the data directory that is made when it is first needed. */
import { randomBytes } from 'node:crypto'
import { link, open, readFile, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Config } from './config.ts'
import { secretKeyFile } from './data-dir.ts'
import { conflict } from './domain/errors.ts'
import type { KeySource } from './registry/secrets.ts'

/** With PostgreSQL the key is always a setting: a file on one machine would be none on the others. */
export function secretKeySource({ secretKey, databaseUrl, dataDir }: Config): KeySource {
  if (secretKey !== undefined) return async () => secretKey
  if (databaseUrl !== undefined) {
    return async () => {
      throw conflict(
        'this registry can not keep the secret of a storage provider: its operator must set HOLOTYPE_SECRET_KEY, the same for each of its processes',
      )
    }
  }
  const file = secretKeyFile(dataDir)
  return async purpose => {
    const present = await readKey(file)
    if (present !== undefined) return present
    if (purpose === 'opening') {
      throw conflict(`the key of this registry's secrets is missing: restore ${file} or set HOLOTYPE_SECRET_KEY`)
    }
    await makeKey(file)
    return (await readKey(file)) ?? ''
  }
}

async function readKey(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const key = text?.trim()
  if (key === '') throw new Error(`${file} is empty; restore it from a backup`)
  return key
}

/** Durable before anything is sealed with it, and never over another. */
async function makeKey(file: string): Promise<void> {
  const partial = `${file}.${randomBytes(6).toString('hex')}`
  const handle = await open(partial, 'wx', 0o600)
  try {
    await handle.writeFile(`${randomBytes(32).toString('base64url')}\n`)
    await handle.sync()
    await link(partial, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await handle.close()
    await unlink(partial)
  }
  const directory = await open(dirname(file))
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
