/** What an answer means that no registry has given, but something in between: a proxy, a load balancer, a firewall, a login page. */

export interface ForeignAnswer {
  status: number
  /** Its `Location`. */
  location: string | null
  /** What was asked for, where that is known. */
  target: URL | undefined
}

interface Explanation {
  message: string
  advice?: string
}

/** In words, with the setting to look at. Nothing of the answer's text is in it, as that may be anything. */
export function explainForeignAnswer(answer: ForeignAnswer): Explanation {
  const { status } = answer
  if (status >= 300 && status <= 399) return explainRedirect(answer)
  const known = EXPLANATIONS[status]
  if (known) return { message: `${known[0]} (status ${status})`, advice: known[1] }
  return { message: `the answer (status ${status}) is not one of a Holotype registry; is this the right URL?` }
}

const RAISE_HEADERS = 'Whoever runs the proxy sets its limit (nginx: large_client_header_buffers).'

const EXPLANATIONS: Record<number, [message: string, advice: string]> = {
  401: [
    'something between here and the registry asks for a login',
    'Use an address at which programs reach the registry directly, without the login page before it.',
  ],
  403: [
    'something between here and the registry does not let this request through',
    'Whoever runs the proxy or firewall there has to allow it; it may have rules about methods, paths or bodies.',
  ],
  405: [
    'something between here and the registry does not let this method through',
    'A proxy has to pass on GET, HEAD, POST, PUT and DELETE.',
  ],
  407: [
    'the proxy asks for a login',
    'Put it into HTTP_PROXY or HTTPS_PROXY (http://user:password@host:port), or name the registry in NO_PROXY.',
  ],
  408: [
    'a proxy in front of the registry has not waited for the whole request',
    'Whoever runs it may raise the time for a body (nginx: client_body_timeout).',
  ],
  411: [
    'a proxy in front of the registry asks for the length of the body, which has been taken off on the way',
    'Every proxy on the way has to pass on Content-Length.',
  ],
  413: [
    'a proxy in front of the registry takes no body of this size; the registry itself was not asked',
    'Whoever runs the proxy sets its limit (nginx: client_max_body_size 0; others: maximum request or body size).',
  ],
  414: ['a proxy in front of the registry takes no URL of this length', RAISE_HEADERS],
  417: [
    'a proxy in front of the registry does not know Expect: 100-continue',
    'Whoever runs the proxy has to allow it.',
  ],
  429: [
    'a proxy in front of the registry takes no more requests for now',
    'Wait a while; whoever runs the proxy sets its limit.',
  ],
  431: ['a proxy in front of the registry takes no headers of this length', RAISE_HEADERS],
  502: [
    'a proxy in front of the registry does not reach it',
    'Is the registry running? Whoever runs the proxy: does its upstream address lead there?',
  ],
  503: [
    'a proxy in front of the registry has none to pass requests on to',
    'Is the registry running and ready (/readyz)? Try again in a moment.',
  ],
  504: [
    'a proxy in front of the registry has not waited for its answer',
    'Whoever runs the proxy may raise its timeouts (nginx: proxy_read_timeout, proxy_send_timeout).',
  ],
  511: ['this network asks for a login first', 'Open a web page in a browser here, log in to the network, try again.'],
}

/** A redirect is never followed: it would carry the key elsewhere, or turn a request that changes something into one that reads. */
function explainRedirect({ status, location, target }: ForeignAnswer): Explanation {
  const goal = location !== null && URL.canParse(location, target?.href) ? new URL(location, target?.href) : undefined
  if (!goal || !/^https?:$/.test(goal.protocol)) {
    const advice = 'Use the address of the registry itself.'
    return { message: `the answer is a redirect (status ${status}) that names no web address`, advice }
  }
  const shown = cleanUrl(goal)
  const message = `the answer is a redirect (status ${status}) to ${shown}, and redirects are not followed`
  const base = findBase(goal, target)
  const advice = base
    ? `If the registry is there, use that address: --url ${base}`
    : 'If that is a login page, use an address at which programs reach the registry directly.'
  return { message, advice }
}

/** Without what may be secret: user, password, query and fragment. */
function cleanUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`.slice(0, 300)
}

/** What the registry would have to be called at, for the redirect to be the same request there. */
function findBase(goal: URL, target: URL | undefined): string | undefined {
  const request = /\/v1\/.*$/.exec(target?.pathname ?? '')?.[0]
  if (request === undefined || !goal.pathname.endsWith(request)) return undefined
  const base = cleanUrl(goal).slice(0, -request.length)
  return /^[\w:/.[\]%-]+$/.test(base) ? base : undefined
}
