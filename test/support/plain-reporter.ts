/**
 * One line per test file, everything about a failure, and why each skipped test was skipped.
 * A test says why with `ctx.skip('no PostgreSQL on this machine')`, in itself or for a whole `describe` in its `beforeEach`.
 */
import { relative } from 'node:path'
import type { Reporter, SerializedError, TestCase, TestModule, TestProject, TestSuite, Vitest } from 'vitest/node'

/** More than so many names tell less than their number. */
const MANY_FILES = 5

export interface PlainReporterOptions {
  /** Its files are named without it. */
  defaultProject: string
  /** Why all tests of a project are skipped, where they are. */
  skippedProjects: Record<string, string | undefined>
}

export class PlainReporter implements Reporter {
  private vitest: Vitest | undefined
  private readonly options: PlainReporterOptions

  constructor(options: PlainReporterOptions) {
    this.options = options
  }

  onInit(vitest: Vitest) {
    this.vitest = vitest
  }

  onTestModuleEnd(module: TestModule) {
    if (this.options.skippedProjects[module.project.name] !== undefined && module.ok()) return
    const tests = [...module.children.allTests()]
    const count = (state: string) => tests.filter(test => test.result().state === state).length
    const notes = [`${count('passed')} passed`]
    if (count('failed') > 0) notes.push(`${count('failed')} failed`)
    if (count('skipped') > 0) notes.push(`${count('skipped')} skipped`)
    const seconds = (module.diagnostic().duration / 1000).toFixed(1)
    print(`${module.ok() ? 'ok   ' : 'FAIL '} ${this.fileOf(module)}  ${notes.join(', ')}  ${seconds} s`)
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]) {
    const tests = modules.flatMap(module => [...module.children.allTests()])
    const skipped = tests.filter(test => test.result().state === 'skipped')
    // A file that can't be loaded or a `beforeAll` that throws fails no test of its own, and must count all the same.
    const broken = modules
      .flatMap(module => [module, ...module.children.allSuites()])
      .filter(suite => suite.errors().length > 0)
    const failed = [...broken, ...tests.filter(test => test.result().state === 'failed')]

    if (modules.length === 0) print('No test file matches.')
    for (const task of failed) this.printFailure(task)
    for (const error of unhandledErrors) {
      print('\nFAIL  outside any test')
      this.printError(error)
    }
    this.printSkipped(skipped)

    const totals = {
      passed: tests.filter(test => test.result().state === 'passed').length,
      failed: failed.length + unhandledErrors.length,
      skipped: skipped.length,
    }
    // scripts/test.js adds the checks and prints the last line; without it this is the last line.
    if (process.send) process.send(totals)
    else print(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
  }

  private printFailure(task: TestCase | TestSuite | TestModule) {
    const module = task.type === 'module' ? task : task.module
    print(`\nFAIL  ${[this.fileOf(module), task.type === 'module' ? [] : task.fullName].flat().join(' > ')}`)
    const errors = task.type === 'test' ? (task.result().errors ?? []) : task.errors()
    for (const error of errors) this.printError(error, task.project)
    const output = task.logs().map(log => log.content)
    if (output.length > 0) print(`Its output:\n${output.join('')}`)
  }

  private printError(error: SerializedError, project?: TestProject) {
    print(this.vitest?.logger.formatError(error, project ? { project } : { fullStack: true }).output.trimEnd() ?? '')
  }

  private printSkipped(tests: TestCase[]) {
    const byReason = Map.groupBy(tests, test => this.reasonOf(test))
    for (const [reason, group] of byReason) {
      const files = [...new Set(group.map(test => this.fileOf(test.module)))]
      const named = files.length > MANY_FILES ? `${files.length} files` : files.join(', ')
      print(`skipped ${group.length}: ${reason} (${named})`)
    }
  }

  private reasonOf(test: TestCase) {
    const result = test.result()
    if (result.state === 'skipped' && result.note) return result.note
    if (test.options.mode === 'todo') return 'not written yet'
    return this.options.skippedProjects[test.project.name] ?? 'no reason given'
  }

  private fileOf(module: TestModule) {
    const file = relative(this.vitest?.config.root ?? '', module.moduleId)
    const { name } = module.project
    return name === this.options.defaultProject ? file : `${file} (${name})`
  }
}

function print(line: string) {
  process.stdout.write(`${line}\n`)
}
