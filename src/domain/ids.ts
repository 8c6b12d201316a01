import { randomBytes } from 'node:crypto'

/** Each kind of thing has its own two letters, so that an id in a log or a ticket says what it names. */
export const ID_PREFIX = {
  team: 'te',
  user: 'us',
  apiKey: 'ak',
  project: 'pr',
  storageProvider: 'sp',
  model: 'mo',
  blob: 'bl',
  upload: 'up',
  event: 'ev',
} as const

export type IdKind = keyof typeof ID_PREFIX

const LENGTH = 13
const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz'
const ALPHANUMERIC = `${BASE36}ABCDEFGHIJKLMNOPQRSTUVWXYZ`

/** A fresh id such as `mos08sadzrlo4be`: 67 random bits, and never readable as a number or a date. */
export function newId(kind: IdKind): string {
  return ID_PREFIX[kind] + randomText(LENGTH, BASE36)
}

/** A fresh secret of 40 letters and digits (238 random bits), safe in headers, shells and URLs. */
export function newSecret(): string {
  return randomText(40, ALPHANUMERIC)
}

function randomText(length: number, alphabet: string): string {
  // Bytes at or above the last whole multiple are thrown away, else the first characters would come up more often.
  const limit = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    const byte = nextRandomByte()
    if (byte < limit) text += alphabet[byte % alphabet.length]
  }
  return text
}

/** Random bytes are fetched many at a time, each is used once: fetching them for one id takes longer than a read of one row. */
let random = Buffer.alloc(0)
let used = 0

function nextRandomByte(): number {
  if (used === random.length) {
    random = randomBytes(4096)
    used = 0
  }
  return random[used++] ?? 0
}
