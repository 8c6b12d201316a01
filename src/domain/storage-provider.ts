import { invalidArgument, quote } from './errors.ts'
import {
  DEFAULT_REGION,
  requireBucket,
  requireEndpoint,
  requirePrefix,
  requireRegion,
  type S3Checksums,
  type S3Location,
} from './s3-location.ts'
import { requireName } from './text.ts'

interface AnyStorageProvider {
  id: string
  teamId: string
  name: string
  isTeamDefault: boolean
  createdAt: number
}

/** The registry's own directory, managed by the registry itself. */
export interface LocalStorageProvider extends AnyStorageProvider {
  kind: 'local'
}

/** A bucket of an S3 store. */
export interface S3StorageProvider extends AnyStorageProvider {
  kind: 's3'
  settings: S3Settings
  /** The secret access key, which only the server can open; null where there are no keys. */
  sealedSecret: string | null
}

/** Where the bytes of a team's models are kept. */
export type StorageProvider = LocalStorageProvider | S3StorageProvider

export interface S3Settings extends S3Location {
  /** Null: the credentials of the machine, where its operator allows that. */
  accessKey: string | null
  /** As it was given: there is only one version that stores still take. */
  signatureVersion: string | null
  /** As it was given. A provider can only be deleted when it holds nothing, so there is never anything to retain. */
  retainData: boolean
}

/** What people say about a bucket. What is left out takes its default. */
export interface S3Input {
  bucket: string
  prefix?: string | null | undefined
  endpoint?: string | null | undefined
  region?: string | null | undefined
  isPathStyle?: boolean | null | undefined
  checksums?: S3Checksums | null | undefined
  accessKey?: string | null | undefined
  signatureVersion?: string | null | undefined
  retainData?: boolean | null | undefined
}

/** Shown in the place of every secret, and understood as "the one that is known". */
export const SECRET_MASK = '********'

const ACCESS_KEY = /^[\x21-\x7e]{1,256}$/
const SIGNATURE_VERSIONS = ['4', 'v4', 's3v4']

/** Throws `invalid_argument`. */
export function requireS3Settings(input: S3Input): S3Settings {
  const endpoint = input.endpoint ? requireEndpoint(input.endpoint) : null
  const signatureVersion = input.signatureVersion || null
  if (signatureVersion !== null && !SIGNATURE_VERSIONS.includes(signatureVersion)) {
    throw invalidArgument('s3Config.signatureVersion', `must be v4, not ${quote(signatureVersion)}`)
  }
  const accessKey = input.accessKey || null
  if (accessKey !== null && !ACCESS_KEY.test(accessKey)) {
    throw invalidArgument('s3Config.accessKey', 'must have up to 256 visible characters without blanks')
  }
  return {
    bucket: requireBucket(input.bucket),
    prefix: requirePrefix(input.prefix ?? ''),
    endpoint,
    region: input.region ? requireRegion(input.region) : DEFAULT_REGION,
    isPathStyle: input.isPathStyle ?? endpoint !== null,
    checksums: input.checksums ?? 'sha256',
    accessKey,
    signatureVersion,
    retainData: input.retainData ?? false,
  }
}

/** Throws `invalid_argument`. */
export function requireSecret(secret: string): string {
  if (ACCESS_KEY.test(secret)) return secret
  // Not repeated.
  throw invalidArgument('s3Config.secretAccessKey', 'must have up to 256 visible characters without blanks')
}

export function requireStorageProviderName(name: string): string {
  return requireName('name', name, 120)
}

/** For a kind that a newer release has written: bytes that were put elsewhere must never be looked for, or written, in the wrong place. */
export function unknownStorageKind(provider: { id: string; kind: string }): Error {
  return new Error(
    `storage provider ${provider.id} is of the kind ${quote(provider.kind)}, which this release of Holotype doesn't know`,
  )
}
