/**
 * Cursors: where a list goes on, sealed. A cursor tells nothing of what it holds, since positions count the rows of all teams, and it opens only
 * for the list, the team, the filter and the order that it was made for.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { invalidArgument } from '../domain/errors.ts'

export interface Cursors {
  seal(scope: string, position: string): string
  /** Throws `invalid_argument` for anything that `seal` has not made for this scope. */
  open(scope: string, cursor: string): string
}

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** @param key 32 bytes, base64; the same on every process of an installation. */
export function createCursors(key: string): Cursors {
  const secret = Buffer.from(key, 'base64')
  return {
    seal(scope, position) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, secret, nonce).setAAD(Buffer.from(scope))
      const sealed = Buffer.concat([nonce, cipher.update(position, 'utf8'), cipher.final(), cipher.getAuthTag()])
      // A letter first: the official Paperspace client (1.x) turns a string such as "2023" into a date.
      return `c${sealed.toString('base64url')}`
    },
    open(scope, cursor) {
      try {
        return openSealed(secret, scope, cursor)
      } catch (error) {
        throw Object.assign(invalidArgument('after', 'must be the nextPage of an earlier answer of the same list'), {
          cause: error,
        })
      }
    },
  }
}

function openSealed(secret: Buffer, scope: string, cursor: string): string {
  if (!/^c[A-Za-z0-9_-]{38,4000}$/.test(cursor)) throw new Error('not a cursor')
  const sealed = Buffer.from(cursor.slice(1), 'base64url')
  // Base64 has several spellings of the same bytes; only ours is a cursor of ours.
  if (`c${sealed.toString('base64url')}` !== cursor) throw new Error('not the spelling of a cursor')
  const nonce = sealed.subarray(0, NONCE_BYTES)
  const text = sealed.subarray(NONCE_BYTES, -TAG_BYTES)
  const decipher = createDecipheriv(CIPHER, secret, nonce).setAAD(Buffer.from(scope))
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  return decipher.update(text, undefined, 'utf8') + decipher.final('utf8')
}
