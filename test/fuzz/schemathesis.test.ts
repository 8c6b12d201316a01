/** Schemathesis makes requests out of the published contract, good and bad ones, and holds every answer against it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startRegistry } from '../support/registry.ts'

const LIMIT_MS = 240_000
const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url))

test(
  'the API does what its contract says, and refuses what it forbids',
  async ctx => {
    const tool = process.env['HOLOTYPE_SCHEMATHESIS']
    if (!tool) return ctx.skip('schemathesis is not installed; .ci/run installs it')
    await using registry = await startRegistry()
    const url = new URL('/', await registry.listen()).href
    const { user } = (await registry.admin.get('/auth/session')).json()
    const key = String(registry.admin.key)
    const { code, output } = await run(tool, url, { key, ownIds: [key.split('_').at(1), user.id].join(',') })
    // The output ends with each failure and the curl command that shows it again.
    expect(code, output).toBe(0)
    expect(output).toMatch(/[1-9]\d* selected \//)
    expect((await fetch(`${url}readyz`)).status).toBe(200)
    expect((await registry.admin.get('/auth/session')).json().user.id).toMatch(/^us/)
    writeSync(1, `      schemathesis: ${/(\d+ generated, .*)/.exec(output)?.[1]}\n`)
  },
  LIMIT_MS + 10_000,
)

async function run(
  tool: string,
  url: string,
  { key, ownIds }: { key: string; ownIds: string },
): Promise<{ code: number | null; output: string }> {
  // It keeps notes of its own in the directory it runs in.
  const cwd = await mkdtemp(join(tmpdir(), 'holotype-schemathesis-'))
  const config = ['--config-file', beside('schemathesis.toml'), '--no-color']
  const contract = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url))
  const child = spawn(tool, [...config, 'run', contract, '--url', url, '--continue-on-failure'], {
    cwd,
    env: {
      ...process.env,
      HOLOTYPE_FUZZ_KEY: key,
      HOLOTYPE_FUZZ_OWN_IDS: ownIds,
      SCHEMATHESIS_HOOKS: beside('schemathesis_hooks.py'),
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
  })
  try {
    const [output, problems, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    return { code, output: output + problems }
  } finally {
    await rm(cwd, { recursive: true, force: true })
  }
}
