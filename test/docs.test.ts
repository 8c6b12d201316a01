/** What the pages name is there: settings, metrics, files and commands. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { SETTINGS } from '../src/domain/settings.ts'
import { startRegistry } from './support/registry.ts'

const pages = [
  ...(await readdir('.')).filter(name => name.endsWith('.md')),
  ...(await readdir('docs', { recursive: true })).filter(name => name.endsWith('.md')).map(name => join('docs', name)),
]

async function namesIn(page: string, pattern: RegExp): Promise<string[]> {
  return [...new Set((await readFile(page, 'utf8')).match(pattern))].toSorted()
}

test.each(pages)('%s names settings that there are', async page => {
  // The changelog and the rest of a prefix, such as `HOLOTYPE_…`, are left out.
  const named = await namesIn(page, /HOLOTYPE_[A-Z0-9_]*[A-Z0-9]\b/g)
  expect(named.filter(name => !SETTINGS.some(setting => setting === name))).toEqual([])
})

test.each(pages)('%s links to files that there are', async page => {
  const links = await namesIn(page, /(?<=\]\()[^)#\s]+(?=[)#])/g)
  const local = links.filter(link => !/^\w+:/.test(link))
  expect(local.filter(link => !existsSync(join(dirname(page), link)))).toEqual([])
})

test('the page for operators names metrics and tests that there are, and every metric of ours', async () => {
  await using r = await startRegistry({ HOLOTYPE_METRICS_OPEN: 'true' })
  await r.reader.get('/models')
  const read = async () => (await r.app.server.inject({ url: '/metrics' })).body
  await expect.poll(read).toMatch(/^holotype_stored_bytes /m)
  const types = [...(await read()).matchAll(/^# TYPE (\w+) (\w+)$/gm)]
  const known = new Set(
    types.flatMap(([, name = '', type]) => (type === 'histogram' ? [name, `${name}_count`] : [name])),
  )
  const page = 'docs/operating.md'
  const named = await namesIn(page, /\b(holotype|nodejs|process)_[a-z0-9_]+\b/g)
  expect(named.filter(name => !known.has(name))).toEqual([])
  const ours = types.map(([, name = '']) => name).filter(name => name.startsWith('holotype_'))
  expect(ours.filter(name => !named.some(other => other.startsWith(name)))).toEqual([])
  for (const path of await namesIn(page, /(?<=`)test\/[\w./-]+(?=`)/g)) expect(existsSync(path), path).toBe(true)
})
