#!/usr/bin/env node
// Starts Holotype on a Node that can run it. Plain JavaScript, so that a Node that is too old can still say so.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'
import { runOn } from './run-on.js'

const here = path => fileURLToPath(new URL(path, import.meta.url))
const pinnedNode = here('../node_modules/node/bin/node')

if (Number.parseInt(process.versions.node, 10) >= 24) {
  module.enableCompileCache?.()
  if (process.channel) {
    // Started in another process's place, see run-on.js. If that one is killed, nobody could stop this one any more.
    process.once('disconnect', () => process.exit(1))
    process.channel.unref()
  }
  // A published package holds only dist/; in a checkout the sources win over an old build.
  const built = existsSync(here('../dist/main.js')) && !existsSync(here('../src/main.ts'))
  await import(built ? '../dist/main.js' : '../src/main.ts')
} else if (existsSync(pinnedNode)) {
  process.exitCode = await runOn(pinnedNode, process.argv.slice(1))
} else {
  process.stderr.write(`Holotype needs Node 24 or newer, and this is Node ${process.versions.node}.\n`)
  process.exitCode = 1
}
