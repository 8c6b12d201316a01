/** How a bucket is spoken to: the SDK's clients, set up so that neither the machine's AWS settings nor a store's answers change what is done. */
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import type { S3Location } from '../../domain/s3-location.ts'
import type { EndpointGuard } from './endpoint-guard.ts'
import { type S3Keys, s3Keys } from './s3-keys.ts'

export interface S3Credentials {
  accessKeyId: string
  secretAccessKey: string
}

export interface S3ConnectionOptions {
  location: S3Location
  /** Undefined takes those that the AWS SDK finds on this machine (its environment, its files, its role). */
  credentials: S3Credentials | undefined
  guard: EndpointGuard
  /** For tests of stores that hang, in ms. */
  timeouts?: Partial<S3Timeouts>
  /** How often a request is sent at most before it counts as failed. */
  attemptsMax?: number
}

export interface S3Timeouts {
  connectMs: number
  /** Without a byte in either direction. */
  idleMs: number
  /** For the store to put a large object together from its parts. */
  completeMs: number
}

const TIMEOUTS: S3Timeouts = { connectMs: 5000, idleMs: 60_000, completeMs: 600_000 }
/** Each upload and download takes one. */
const SOCKETS_MAX = 256
const ATTEMPTS_MAX = 3

export interface S3Connection {
  location: S3Location
  keys: S3Keys
  timeouts: S3Timeouts
  /** For everything but the sending of bytes. A request ends without an answer after `idleMs`; how long a body may take is the caller's affair. */
  client: S3Client
  /** For requests with bytes: they may take as long as bytes move. */
  sender: S3Client
  close(): void
}

/** Opens no socket yet. Throws `ForbiddenEndpointError` for an endpoint whose address must not be reached. */
export function connectS3(options: S3ConnectionOptions): S3Connection {
  const { location, credentials, guard, timeouts, attemptsMax = ATTEMPTS_MAX } = options
  const limits = { ...TIMEOUTS, ...timeouts }
  const agents = createAgents(location, guard)
  const settings = { ...clientSettings(location), maxAttempts: attemptsMax, ...(credentials && { credentials }) }
  const common = { ...agents, connectionTimeout: limits.connectMs }
  const client = new S3Client({
    ...settings,
    requestHandler: { ...common, requestTimeout: limits.idleMs, throwOnRequestTimeout: true },
  })
  const sender = new S3Client({
    ...settings,
    // The chain is asked once for both.
    credentials: credentials ?? client.config.credentials,
    requestHandler: { ...common, socketTimeout: limits.idleMs },
  })
  return {
    location,
    keys: s3Keys(location.prefix),
    timeouts: limits,
    client,
    sender,
    close() {
      client.destroy()
      sender.destroy()
    },
  }
}

function createAgents({ endpoint }: S3Location, guard: EndpointGuard) {
  const options = { keepAlive: true, maxSockets: SOCKETS_MAX, maxFreeSockets: 32, scheduling: 'lifo' } as const
  // Without an endpoint the host's name is Amazon's own, and the operator's network may well have a private way to it.
  if (endpoint === null) return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) }
  const url = new URL(endpoint)
  guard.requireAllowed(url)
  const lookup = guard.lookupFor(url)
  return { httpAgent: new HttpAgent({ ...options, lookup }), httpsAgent: new HttpsAgent({ ...options, lookup }) }
}

/** All that the SDK would else look for in the machine's environment and files is said here. */
function clientSettings(location: S3Location): S3ClientConfig {
  const { endpoint, region, isPathStyle } = location
  return {
    region,
    forcePathStyle: isPathStyle,
    ...(endpoint !== null && { endpoint }),
    ignoreConfiguredEndpointUrls: true,
    // The SDK's own checksums break stores that don't know them; ours are headers that we set ourselves.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    retryMode: 'standard',
    defaultsMode: 'standard',
    useArnRegion: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    disableS3ExpressSessionAuth: true,
    authSchemePreference: ['sigv4'],
    userAgentAppId: 'holotype',
    followRegionRedirects: false,
  }
}
