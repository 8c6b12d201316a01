/**
 * Signatures of the URLs to which parts are sent. The holder of such a URL may send this one part until it expires, without a key: it
 * can be handed to a browser or another machine, and tells nothing else.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** What a URL allows. */
export interface PartGrant {
  uploadId: string
  number: number
  /** In ms since 1970. */
  expiresAt: number
  /** The only bytes that may be sent, lower-case hex. */
  sha256?: string | undefined
}

export interface PartSignatures {
  sign(grant: PartGrant): string
  check(grant: PartGrant, signature: string): boolean
}

/** @param key 32 bytes, base64; the same on every process of an installation. */
export function createPartSignatures(key: string): PartSignatures {
  const secret = Buffer.from(hkdfSync('sha256', Buffer.from(key, 'base64'), '', 'holotype part URLs', 32))
  const digest = ({ uploadId, number, expiresAt, sha256 = '' }: PartGrant) =>
    createHmac('sha256', secret).update(`${uploadId}\n${number}\n${expiresAt}\n${sha256}`).digest()
  return {
    sign: grant => digest(grant).toString('base64url'),
    check(grant, signature) {
      const given = Buffer.from(signature, 'base64url')
      const expected = digest(grant)
      return given.length === expected.length && timingSafeEqual(given, expected)
    },
  }
}
