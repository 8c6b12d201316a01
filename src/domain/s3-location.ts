/** Where in which S3 bucket bytes are kept, and how its store is spoken to. */
import { invalidArgument, quote } from './errors.ts'

export interface S3Location {
  bucket: string
  /** What every key begins with: empty, or ends in `/`. */
  prefix: string
  /** The URL of the store, without a trailing slash; null for AWS itself, where the region decides. */
  endpoint: string | null
  region: string
  /** Whether the bucket's name is in the path of a URL (and not in its host name). */
  isPathStyle: boolean
  checksums: S3Checksums
}

/**
 * `sha256`: each write carries the sha256 of its bytes, which the store compares. `none`: for stores that don't know this header; there each
 * write is followed by a look at the stored length.
 */
export const S3_CHECKSUMS = ['sha256', 'none'] as const
export type S3Checksums = (typeof S3_CHECKSUMS)[number]

/** For a store with an endpoint of its own the region is only a word in the signature, and this is the one that each accepts. */
export const DEFAULT_REGION = 'us-east-1'

/** Of names as AWS, Google, Ceph and MinIO allow them; an ARN is none. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/
const PREFIX = /^([A-Za-z0-9_-][A-Za-z0-9._-]*\/)*$/
/** It becomes a label of a host name at AWS. */
const REGION = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/
const ENDPOINT_PATH = /^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/
const PREFIX_MAX = 512

/** @returns the name. Throws `invalid_argument`. */
export function requireBucket(bucket: string): string {
  if (BUCKET.test(bucket) && !bucket.includes('..')) return bucket
  throw invalidArgument(
    's3Config.bucket',
    `must be the name of a bucket: 3 to 63 letters, digits, "-", "_" or ".", not ${quote(bucket)}`,
  )
}

/** @returns the prefix with a slash at its end, or nothing. Throws `invalid_argument`. */
export function requirePrefix(text: string): string {
  const prefix = text === '' || text.endsWith('/') ? text : `${text}/`
  if (prefix.length <= PREFIX_MAX && PREFIX.test(prefix)) return prefix
  throw invalidArgument(
    's3Config.prefix',
    `must be up to ${PREFIX_MAX} characters such as "models/team-a/": names of letters, digits, "-", "_" and "." (not first), with a "/" after each, not ${quote(text)}`,
  )
}

/** Throws `invalid_argument`. */
export function requireRegion(region: string): string {
  if (REGION.test(region)) return region
  throw invalidArgument('s3Config.region', `must be a region such as eu-central-1, not ${quote(region)}`)
}

/** Only the form is checked here; which addresses may be reached is asked at each connection. Throws `invalid_argument`. */
export function requireEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const refuse = (message: string) => invalidArgument('s3Config.endpoint', message)
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw refuse(`must be an http or https URL such as https://s3.example.com, not ${quote(withoutUserInfo(text))}`)
  }
  if (url.username !== '' || url.password !== '') {
    throw refuse('must not hold a user name or a password; the access key is a field of its own')
  }
  const path = url.pathname.replace(/\/+$/, '')
  if (url.search !== '' || url.hash !== '' || text.includes('?') || text.includes('#') || !ENDPOINT_PATH.test(path)) {
    throw refuse(`must be the URL of a store without a query or a fragment, not ${quote(text)}`)
  }
  return url.origin + path
}

/** What stands before the last `@` may be a password. */
function withoutUserInfo(text: string): string {
  const at = text.lastIndexOf('@')
  return at < 0 ? text : `…${text.slice(at)}`
}
