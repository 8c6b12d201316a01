import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import tar from 'tar-stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { END_OF_ARCHIVE, entryHeader, entryLength, padding } from './tar.ts'

const MTIME = 1_700_000_000

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'holotype-test-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

/** What a reader of tar makes of one entry without its bytes. */
async function readHeader(path: string, size: number) {
  const extract = tar.extract()
  const found = new Promise((resolve, reject) => {
    extract.on('entry', ({ name, size, mtime, mode, type }) => resolve({ name, size, mtime, mode, type }))
    extract.on('error', reject)
  })
  extract.write(entryHeader({ path, size, mtime: MTIME }))
  const header = await found
  extract.destroy()
  return header
}

const paths = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }).filter(path => !/[\0\n]|\/$/.test(path))

test('every name and size comes back, and takes as many bytes as announced', async () => {
  await fc.assert(
    fc.asyncProperty(paths, fc.nat(5 * 2 ** 40), async (path, size) => {
      const header = entryHeader({ path, size, mtime: MTIME })
      expect(header.length + size + padding(size).length).toBe(entryLength({ path, size }))
      expect(await readHeader(path, size)).toEqual({
        name: path,
        size,
        mtime: new Date(MTIME * 1000),
        mode: 0o644,
        type: 'file',
      })
    }),
    { numRuns: 300 },
  )
})

describe('the length of an extended header counts its own digits', () => {
  // Around the lengths at which the number gets another digit.
  test.each(Array.from({ length: 12 }, (_, index) => 86 + index).concat([984, 985, 986, 987, 988, 989, 990, 991]))(
    'of a name of %i bytes',
    async length => {
      const path = `é${'x'.repeat(length - 2)}`
      expect(await readHeader(path, 0)).toMatchObject({ name: path })
    },
  )
})

test('the tar of this machine lists what is in it, files beyond 8 GiB too', () => {
  const entries = [
    { path: 'plain', size: 0 },
    { path: 'ordner/Gewichte-äöü.bin', size: 0 },
    { path: `${'deep/'.repeat(50)}file`, size: 0 },
    { path: 'large', size: 9 * 2 ** 30 },
  ]
  const file = join(directory, 'a.tar')
  writeFileSync(file, Buffer.concat(entries.map(entry => entryHeader({ ...entry, mtime: MTIME }))))
  // The bytes of the last one are a hole.
  truncateSync(
    file,
    entries.reduce((sum, entry) => sum + entryLength(entry), END_OF_ARCHIVE.length),
  )
  const listed = execFileSync('tar', ['--list', '--verbose', '--quoting-style=literal', '--file', file], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  })
  const lines = listed
    .trim()
    .split('\n')
    .map(line => line.split(/\s+/))
  expect(lines.map(line => [line.at(-1), Number(line[2])])).toEqual(entries.map(({ path, size }) => [path, size]))
})
