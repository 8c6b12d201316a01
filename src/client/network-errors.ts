import { findErrorCode } from './errors.ts'

/**
 * What the network says, in words; the name of the error when there are none for it. `proxy` is the proxy that the connection was to, when it
 * was not to the registry itself.
 */
export function explainNetworkError(error: unknown, proxy?: string): string {
  const code = findErrorCode(error)
  const words =
    NETWORK_ERRORS[code ?? ''] ??
    (code?.startsWith('HPE_') ? NO_HTTP : undefined) ??
    code ??
    (error instanceof Error ? error.message : String(error))
  return proxy === undefined ? words : `the proxy ${proxy} (HTTP_PROXY, HTTPS_PROXY) does not answer: ${words}`
}

/** Whether another attempt may go better: not where the name, the certificate or the protocol is wrong. */
export function isPassing(error: unknown): boolean {
  const code = findErrorCode(error) ?? ''
  return !LASTING.test(code)
}

const LASTING = /^(ENOTFOUND|HPE_|ERR_(TLS|SSL|INVALID|PROXY)|TOO_MANY_)|CERT|SIGNATURE|EPROTO/

const NO_HTTP = 'what comes from there is no answer: that is not HTTP, or does the URL have to begin with https:// ?'
const NO_TLS = 'it does not speak TLS: does the URL have to begin with http:// ?'
const UNTRUSTED =
  'no authority that this machine trusts has signed its certificate; NODE_EXTRA_CA_CERTS=<file> adds one'

const NETWORK_ERRORS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection broke off',
  EPIPE: 'the connection broke off',
  HPE_INVALID_EOF_STATE: 'the connection broke off',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'it took too long',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  EADDRNOTAVAIL: 'there is no way to that address',
  EMFILE: 'this process has too many files and connections open (ulimit -n)',
  ENFILE: 'this machine has too many files and connections open',
  HPE_HEADER_OVERFLOW: 'the headers of the answer are longer than any answer of a registry has',
  TOO_MANY_PROVISIONAL: 'the answer never begins: only provisional ones (1xx) come',
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; is the clock of this machine right?',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
}
