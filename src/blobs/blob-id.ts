/** The ids that a store accepts as names. A store builds paths and keys from them, so nothing else ever reaches a path or a key. */
const BLOB_ID = /^bl[0-9a-z]{13}$/
const INSTANCE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function isBlobId(text: string): boolean {
  return BLOB_ID.test(text)
}

/** Throws a `TypeError` unless the text is the id of a blob. */
export function requireBlobId(text: string): string {
  if (!isBlobId(text)) throw new TypeError(`${JSON.stringify(text)} is not the id of a blob`)
  return text
}

/** Throws a `TypeError` unless the text is the id of an instance: a UUID in lower case. */
export function requireInstanceId(text: string): string {
  if (!INSTANCE_ID.test(text)) throw new TypeError(`${JSON.stringify(text)} is not the id of an instance`)
  return text
}
