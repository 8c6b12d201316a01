/** What often holds a secret. A version can't be changed and may be read by many, so none of it goes into one without being named. */
import { stat } from 'node:fs/promises'
import { openPlainFile } from '../../client/open-plain-file.ts'
import { createPatterns } from '../patterns.ts'

const NAMES = [
  // Settings of programs, with passwords among them.
  ...['.env', '.env.*', '*.env', '.envrc', '!.env.example', '!.env.sample', '!.env.template', '!.env.dist'],
  // Keys.
  ...['.ssh/', '.gnupg/', 'id_rsa', 'id_dsa', 'id_ecdsa', 'id_ed25519', 'id_ecdsa_sk', 'id_ed25519_sk'],
  ...['*.p12', '*.pfx', '*.jks', '*.keystore', '*.ppk', '*.kdbx', '*.key', '*-key.pem', '*privkey*.pem', 'key.pem'],
  // Clouds and clusters.
  ...[
    '.aws/',
    '.azure/',
    '.kube/',
    '.oci/',
    '**/.docker/config.json',
    '.dockercfg',
    '.boto',
    '.s3cfg',
    '.databrickscfg',
  ],
  ...['gcloud/', 'application_default_credentials.json', 'credentials.json', 'client_secret*.json', '*.tfstate'],
  ...['service-account*.json', 'service_account*.json', 'serviceaccount*.json', 'kubeconfig', '*.kubeconfig'],
  // Logins of tools.
  ...['.netrc', '_netrc', '.git-credentials', '.pypirc', '.pgpass', '.my.cnf', '.htpasswd', '.vault-token'],
  ...[
    '**/huggingface/token',
    '.huggingface/',
    '**/.config/gh/',
    '**/.config/holotype/',
    '.kaggle/',
    '**/.cargo/credentials*',
  ],
]

/** Of a path in the folder that is pushed; a folder's ends in a slash. */
export const isSecretName = (() => {
  let names: ReturnType<typeof createPatterns> | undefined
  return (path: string): boolean => {
    names ??= createPatterns(NAMES, { ignoreCase: true })
    return names(path) === 'out'
  }
})()

const CONTENT = new RegExp(
  [
    '-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----',
    'PuTTY-User-Key-File-',
    String.raw`_authToken\s*=\s*[^\s$]`,
    String.raw`npmAuth(Token|Ident):\s*["']?[^\s"'$]`,
    String.raw`aws_secret_access_key\s*=\s*\S`,
    String.raw`\bht_ak[0-9a-z]{13}_[0-9A-Za-z]{20}`,
  ].join('|'),
  'i',
)
/** Keys and settings are small; in bytes. */
const CONTENT_MAX = 64 * 1024
/** Kinds of files that people keep keys and settings in, and names without any ending. */
const TEXT_NAME =
  /(^|\/)(\.?[^./]+|[^/]*\.(pem|crt|cer|asc|gpg|txt|cfg|conf|cnf|ini|toml|json|ya?ml|properties|npmrc|yarnrc|rc))$/i

/** Looks into small text files, since a key may have any name. */
export async function hasSecretContent(path: string, file: string): Promise<boolean> {
  if (!TEXT_NAME.test(path)) return false
  try {
    const info = await stat(file)
    if (!info.isFile() || info.size > CONTENT_MAX) return false
    const { size } = info
    await using handle = await openPlainFile(file)
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(size), 0, size, 0)
    return CONTENT.test(buffer.toString('latin1', 0, bytesRead))
  } catch {
    // Whether it can be read is found out where it is sent.
    return false
  }
}
