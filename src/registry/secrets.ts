/** Secrets of storage providers at rest: sealed with a key that is not in the database. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { RegistryError } from '../domain/errors.ts'

export interface Secrets {
  /** @param owner the id of what the secret belongs to: sealed text that is copied to another owner can't be opened. */
  seal(secret: string, owner: string): Promise<string>
  open(sealed: string, owner: string): Promise<string>
}

/** Where the key comes from. `forSealing`: it may be made now, where there is none. Throws a sentence for the operator when there is none. */
export type KeySource = (purpose: 'sealing' | 'opening') => Promise<string>

const FORMAT = 'v1'
const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

export function createSecrets(keySource: KeySource): Secrets {
  const keyFor = async (purpose: 'sealing' | 'opening') =>
    Buffer.from(hkdfSync('sha256', await keySource(purpose), '', 'holotype secrets of storage providers', 32))

  return {
    async seal(secret, owner) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv(ALGORITHM, await keyFor('sealing'), iv)
      cipher.setAAD(Buffer.from(owner))
      const sealed = Buffer.concat([iv, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `${FORMAT}.${sealed.toString('base64url')}`
    },
    async open(sealed, owner) {
      const [format, text = ''] = sealed.split('.')
      const bytes = Buffer.from(text, 'base64url')
      if (format !== FORMAT || bytes.length < IV_BYTES + TAG_BYTES) throw unreadable()
      const key = await keyFor('opening')
      try {
        const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES))
        decipher.setAAD(Buffer.from(owner))
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
        return decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      } catch {
        throw unreadable()
      }
    },
  }
}

/** Nothing of the cipher's own error is of use to anybody. */
function unreadable(): RegistryError {
  const cause = new Error(
    'HOLOTYPE_SECRET_KEY is not the key with which the secret was sealed: set the right one, or give the provider its secret access key again',
  )
  return new RegistryError('unavailable', 'the secret of the storage provider can not be read', { cause })
}
