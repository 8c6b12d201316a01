/** How much one caller may ask for, by key and by address. Whatever is not limited costs nothing. */
import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Network, networkOf } from '../domain/address.ts'
import { RegistryError } from '../domain/errors.ts'
import { HttpError } from './http-error.ts'
import { type Quota, TokenBuckets } from './token-buckets.ts'

/** 0 stands for no limit. */
export interface RequestLimitOptions {
  openPerKey: number
  failedLoginsPerMinute: number
  perMinutePerKey: number
  perMinutePerAddress: number
}

export interface RequestLimits {
  /** Before anything is known of the caller but the address. Throws HttpError 429. */
  arrive(request: FastifyRequest, reply: FastifyReply): void
  /** Once the key is known to be good. Throws HttpError 429. */
  admit(apiKeyId: string, reply: FastifyReply): void
  /** What a caller is told whose key was refused: the error itself, or 429 where too many were. */
  refuseLogin(error: unknown, request: FastifyRequest): unknown
  close(): void
}

const FORGET_EVERY_MS = 30_000

export function createRequestLimits(options: RequestLimitOptions): RequestLimits {
  const { openPerKey, failedLoginsPerMinute, perMinutePerKey, perMinutePerAddress } = options
  const byAddress = bucketsOf(perMinutePerAddress)
  const byKey = bucketsOf(perMinutePerKey)
  const failedLogins = bucketsOf(failedLoginsPerMinute)
  const openRequests = openPerKey === 0 ? undefined : countOpenRequests(openPerKey)
  const timer = setInterval(() => {
    for (const buckets of [byAddress, byKey, failedLogins]) buckets?.forgetIdle()
  }, FORGET_EVERY_MS)
  timer.unref()
  return {
    arrive(request, reply) {
      if (byAddress) spend(byAddress, { policy: 'address', caller: addressOf(request) }, reply)
    },
    admit(apiKeyId, reply) {
      if (byKey) spend(byKey, { policy: 'key', caller: apiKeyId }, reply)
      openRequests?.begin(apiKeyId, reply.raw)
    },
    refuseLogin(error, request) {
      if (!failedLogins || !(error instanceof RegistryError && error.code === 'unauthenticated')) return error
      const quota = failedLogins.take(addressOf(request))
      if (quota.isGranted) return error
      const message = 'too many requests from this address had a key that is not valid'
      return tooMany(message, quota, describe('failed-logins', failedLogins, quota))
    },
    close: () => clearInterval(timer),
  }
}

/** The connection may be gone by now, and its address with it. */
function addressOf({ ip }: { ip: string | undefined }): Network {
  return networkOf(ip ?? '')
}

function bucketsOf(perMinute: number): TokenBuckets | undefined {
  return perMinute === 0 ? undefined : new TokenBuckets(perMinute)
}

/** Takes one from the caller's quota, and says in the answer what is left of it. */
function spend(
  buckets: TokenBuckets,
  { policy, caller }: { policy: string; caller: string },
  reply: FastifyReply,
): void {
  const quota = buckets.take(caller)
  const headers = describe(policy, buckets, quota)
  for (const [name, value] of Object.entries(headers)) {
    const before = reply.getHeader(name)
    reply.header(name, before === undefined ? value : `${before}, ${value}`)
  }
  if (!quota.isGranted) throw tooMany(`this ${policy} may send ${buckets.perMinute} requests a minute`, quota, {})
}

/** As draft-ietf-httpapi-ratelimit-headers-10 has them. */
function describe(policy: string, { perMinute }: TokenBuckets, quota: Quota): Record<string, string> {
  return {
    'ratelimit-policy': `"${policy}";q=${perMinute};w=60`,
    ratelimit: `"${policy}";r=${quota.remaining};t=${quota.fullInSeconds}`,
  }
}

function tooMany(message: string, { nextInSeconds }: Quota, headers: Record<string, string>): HttpError {
  const seconds = Math.max(1, nextInSeconds)
  return new HttpError(429, `${message}; try again in ${seconds} s`, {
    headers: { ...headers, 'retry-after': String(seconds) },
  })
}

const OPEN = Symbol('the open requests of the key')
type CountedResponse = ServerResponse & { [OPEN]?: { count: number; end(): void } | undefined }

/** Remembers only keys with a request that is not finished. */
function countOpenRequests(max: number) {
  const counts = new Map<string, { count: number; end(): void }>()

  function begin(apiKeyId: string, response: CountedResponse): void {
    let open = counts.get(apiKeyId)
    if (!open) {
      open = { count: 0, end: () => void counts.delete(apiKeyId) }
      counts.set(apiKeyId, open)
    }
    if (open.count >= max) throw tooManyOpen(max)
    open.count += 1
    response[OPEN] = open
    response.on('close', finish)
  }
  return { begin }
}

/** One function for all answers, so that none has to make its own. */
function finish(this: CountedResponse): void {
  const open = this[OPEN]
  if (!open) return
  this[OPEN] = undefined
  open.count -= 1
  if (open.count === 0) open.end()
}

function tooManyOpen(max: number): HttpError {
  return new HttpError(429, `this key has ${max} requests under way already; wait for some to end`, {
    headers: {
      'ratelimit-policy': `"open-requests";q=${max};qu="concurrent-requests"`,
      ratelimit: '"open-requests";r=0',
    },
  })
}
