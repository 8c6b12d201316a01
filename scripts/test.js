// `npm test`: installs what is missing, runs every check and every test, and ends with one plain line of totals.
// `npm test -- test/blobs` hands its arguments to Vitest and leaves the checks out. `--database sqlite` leaves PostgreSQL out.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runOn } from '../bin/run-on.js'
import { installDependencies, installPostgresql, pinnedNode, root } from './install.js'

await installDependencies()
process.chdir(root)
// The tools start with `#!/usr/bin/env node`: this makes them run on the pinned Node, as npm does.
process.env.PATH = join(root, 'node_modules/.bin') + delimiter + process.env.PATH
// Vitest would colour a log file too.
if (!process.stdout.isTTY) process.env.NO_COLOR = '1'

// Vitest calls each of the two runs of the suite a project.
const vitestArgs = process.argv.slice(2).map(arg => arg.replace(/^--database(?==|$)/, '--project'))
if (!/--project[ =]sqlite/.test(vitestArgs.join(' '))) installPostgresql()
const checks = vitestArgs.length === 0 ? runChecks() : { passed: 0, failed: 0 }
const tests = await runTests()
const passed = checks.passed + tests.passed
const failed = checks.failed + tests.failed
process.stdout.write(`${passed} passed, ${failed} failed${tests.skipped > 0 ? `, ${tests.skipped} skipped` : ''}\n`)
process.exitCode = failed > 0 ? 1 : 0

/** Every `check:…` script of package.json is one check. */
function runChecks() {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  const totals = { passed: 0, failed: 0 }
  for (const [name, command] of Object.entries(scripts)) {
    if (!name.startsWith('check:')) continue
    const { status, stdout, stderr } = spawnSync(command, { shell: true, encoding: 'utf8' })
    totals[status === 0 ? 'passed' : 'failed'] += 1
    process.stdout.write(status === 0 ? `ok    ${name}\n` : `FAIL  ${name}\n${stdout}${stderr}\n`)
  }
  return totals
}

async function runTests() {
  // Stays zero when Vitest dies before its reporter speaks.
  let totals = { passed: 0, failed: 0, skipped: 0 }
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const exitCode = await runOn(pinnedNode, [vitest, 'run', ...vitestArgs], message => {
    totals = message
  })
  // Vitest also fails for reasons that no test stands for, such as a config it can't load or no test at all.
  if (exitCode !== 0 && totals.failed === 0) totals.failed = 1
  return totals
}
