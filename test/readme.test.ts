/** README's commands, typed in their order, twice, into a shell in a checkout. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** Blocks that this test can't type, by how they begin. */
const NOT_TYPED = [
  // It has served since the beginning of the test.
  'git clone',
  // Needs the official client, which is not of this package.
  'export PAPERSPACE_API_URL',
  // Needs a PostgreSQL of one's own; test/lifecycle/postgresql has several processes over one.
  'createdb',
  // Needs a bucket.
  'npx holotype storage-provider',
]

let home: string
let checkout: string
let stop: (() => Promise<void>) | undefined
let env: Record<string, string | undefined>
let key: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'holotype-readme-'))
  checkout = join(home, 'holotype')
  await mkdir(checkout)
  const left = new Set(['node_modules', 'data', '.git', '.cache', 'dist', 'test', 'bench'])
  for (const name of await readdir('.')) {
    if (!left.has(name)) await cp(name, join(checkout, name), { recursive: true })
  }
  await symlink(resolve('node_modules'), join(checkout, 'node_modules'))
  const path = (process.env['PATH'] ?? '').split(delimiter).filter(dir => !dir.includes('node_modules'))
  env = { PATH: path.join(delimiter), HOME: home, TMPDIR: home, npm_config_update_notifier: 'false' }
  await shell(
    'git init -q && echo node_modules >>.git/info/exclude && git add -A && git -c user.name=x -c user.email=x@x commit -qm x',
  )
  ;({ key, stop } = await serve())
})

afterAll(async () => {
  await stop?.()
  await rm(home, { recursive: true, force: true })
})

test('every block works, once and once more, and the checkout stays clean', { timeout: 240_000 }, async () => {
  const blocks = await readBlocks()
  expect(blocks.length).toBeGreaterThan(3)
  const typed = blocks.join('\n').replace('HOLOTYPE_API_KEY=ht_…', `HOLOTYPE_API_KEY=${key}`)
  for (const version of ['1', '2']) {
    const output = await shell(`set -e -o pipefail\n${typed}\nrm -r "$DIR"`)
    expect(output.match(/^identical$/gm)).toHaveLength(2)
    expect(output).toContain(`version ${version} of "my-model"`)
    // What a person sees: one answer a line.
    expect(output.match(/^\{.*\}$/gm)?.length).toBeGreaterThanOrEqual(5)
    expect(output).toMatch(/^config\.json\nweights\.bin$/m)
    expect(output).toContain('All bytes are as they were accepted')
    expect(output).toMatch(/^The registry as of \S+ is in \S+\/restored /m)
  }
  expect(await shell('git status --porcelain --untracked-files=all')).toBe('')
})

async function readBlocks(): Promise<string[]> {
  const readme = await readFile('README.md', 'utf8')
  const blocks = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => String(block))
  for (const start of NOT_TYPED)
    expect(
      blocks.filter(block => block.startsWith(start)),
      start,
    ).toHaveLength(1)
  // The one tool in them that is not on every machine.
  const hasJq = spawnSync('jq', ['--version']).status === 0
  return blocks.filter(block => !NOT_TYPED.some(start => block.startsWith(start)) && (hasJq || !block.includes('jq ')))
}

/** Types lines into bash in the checkout. Throws with all it said when one of them fails. */
async function shell(lines: string): Promise<string> {
  const child = spawn('bash', ['-c', lines], { cwd: checkout, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (code !== 0) throw new Error(`bash ended with ${code}:\n${stdout}\n${stderr}`)
  return stdout
}

/** The server of the quick start, on a free port and with the first key that it prints. */
async function serve(): Promise<{ key: string; stop: () => Promise<void> }> {
  const server = spawn(process.execPath, ['bin/holotype.js', 'serve', '--port', '0'], {
    cwd: checkout,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let said = ''
  for await (const chunk of server.stdout) {
    said += chunk
    if (said.includes('npx holotype pull')) break
  }
  env['HOLOTYPE_URL'] = /ready at (\S+)/.exec(said)?.[1]
  return {
    key: String(/API key: (\S+)/.exec(said)?.[1]),
    async stop() {
      server.kill('SIGTERM')
      await once(server, 'close')
    },
  }
}
