/** Debian's nginx with the block of docs/operating.md, in front of a registry. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const BINARY = '/usr/sbin/nginx'

/** Why the tests with it can't run; undefined when they can. */
export function whyNoNginx(): string | undefined {
  if (!existsSync(BINARY)) return 'nginx is not installed; .ci/run installs it'
  if (spawnSync('openssl', ['version']).status !== 0) return 'openssl is not installed'
  return undefined
}

export interface Nginx extends AsyncDisposable {
  /** `https://localhost:<port>` */
  url: string
  /** The file with the certificate that a client has to trust. */
  certificate: string
  /** The names of what nginx has put on its own disk. */
  spooled(): Promise<string[]>
}

/** `change` adapts the block further, as its reader would. The registry need not listen yet. */
export async function startNginx(
  { port, registryPort }: { port: number; registryPort: number },
  change: (block: string) => string = block => block,
): Promise<Nginx> {
  const dir = await mkdtemp(join(tmpdir(), 'holotype-nginx-'))
  const spools = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  for (const spool of spools) await mkdir(join(dir, spool))
  const certificate = makeCertificate(dir)
  const block = change(
    replaceAll(await readBlock(), {
      'server 127.0.0.1:8080;': `server 127.0.0.1:${registryPort};`,
      'listen 443 ssl;': `listen 127.0.0.1:${port} ssl;`,
      'server_name models.example.com;': 'server_name localhost;',
      '/etc/ssl/models.example.com.pem': certificate,
      '/etc/ssl/models.example.com.key': join(dir, 'key.pem'),
    }),
  )
  const config = [
    'daemon off; master_process off; worker_processes 1;',
    `pid ${join(dir, 'pid')}; error_log stderr;`,
    'events { }',
    'http {',
    'access_log off;',
    ...spools.map(spool => `${spool}_temp_path ${join(dir, spool)};`),
    block,
    '}',
  ].join('\n')
  await writeFile(join(dir, 'nginx.conf'), config)
  const child = spawn(BINARY, ['-p', dir, '-c', 'nginx.conf', '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = text(child.stderr)
  const failed = ended.then(said => Promise.reject(new Error(`nginx has ended: ${said}`)))
  failed.catch(() => {})
  await Promise.race([untilListening(port), failed])
  return {
    url: `https://localhost:${port}`,
    certificate,
    spooled: async () =>
      (await Promise.all(spools.map(spool => readdir(join(dir, spool), { recursive: true })))).flat(),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
      await rm(dir, { recursive: true })
    },
  }
}

async function readBlock(): Promise<string> {
  const page = await readFile('docs/operating.md', 'utf8')
  const [, block] = /^```nginx\n(.*?)^```$/ms.exec(page) ?? []
  if (block === undefined) throw new Error('docs/operating.md has no nginx block')
  return block
}

/** Throws for what is not there: then the block has changed, and this file must too. */
export function replaceAll(block: string, replacements: Record<string, string>): string {
  return Object.entries(replacements).reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`the nginx block has no "${from}"`)
    return changed.replaceAll(from, to)
  }, block)
}

function makeCertificate(dir: string): string {
  const file = join(dir, 'certificate.pem')
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', join(dir, 'key.pem')]
  const { status, stderr } = spawnSync('openssl', ['req', '-x509', '-days', '2', ...names, ...key, '-out', file])
  if (status !== 0) throw new Error(`openssl: ${stderr}`)
  return file
}

/** A port that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilListening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isThere = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (isThere) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
