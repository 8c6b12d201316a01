import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** What a fresh process prints that runs the script: the flags of V8 are those of a whole process. */
function run(script: string): string {
  const args = ['--input-type=module', '--eval', script]
  return execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
}

const imports = `
  import { runInNewContext } from 'node:vm'
  import '../../src/blobs/local/local-store.ts'
  import { collectSpentBuffers, noteSpentBuffers } from '../../src/blobs/spent-buffers.ts'
  const hasGc = () => runInNewContext('typeof gc') === 'function'
`

test('importing a store and using it leaves V8 as it is', () => {
  expect(run(`${imports} noteSpentBuffers(2 ** 30); console.log(hasGc())`)).toBe('false')
})

test('a server that asks for it has spent buffers collected', () => {
  const script = `${imports}
    const used = () => process.memoryUsage().arrayBuffers / 2 ** 20
    collectSpentBuffers()
    const before = used()
    for (let i = 0; i < 64; i++) new Uint8Array(64 * 1024)
    const piledUp = used() - before
    noteSpentBuffers(2 ** 30)
    console.log(hasGc(), piledUp > 3, used() - before < 1)`
  expect(run(script)).toBe('true true true')
})
