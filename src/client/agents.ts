/** Connections that are kept between requests, through a proxy where the environment names one. */
import { type Agent, Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

/** The proxies for both protocols, and which hosts need none: what `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` say. */
export interface ProxySettings {
  HTTP_PROXY?: string
  HTTPS_PROXY?: string
  /** Host names, addresses, `.suffixes`, address ranges, or `*`, between commas. */
  NO_PROXY?: string
}

/** In ms. A connection that nobody has used for this long may be closed at the other end by the time it is used again. */
const IDLE_MS = 4000

const agents = new Map<string, Agent>()

/** The one agent for a protocol and a choice of proxies. */
export function agentFor(protocol: string, proxies: ProxySettings = {}): Agent {
  const key = JSON.stringify([protocol, proxies])
  const known = agents.get(key)
  if (known) return known
  const options = { keepAlive: true, timeout: IDLE_MS, proxyEnv: { ...proxies } }
  const agent = protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options)
  agents.set(key, agent)
  return agent
}
