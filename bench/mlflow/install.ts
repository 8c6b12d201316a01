/** MLflow from PyPI, of one version, in an environment of its own below `.cache/`: installed once, found again by later runs. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const MLFLOW_VERSION = '3.17.2'
const PYTHON = 'python3'
const HOME = fileURLToPath(new URL(`../../.cache/mlflow-${MLFLOW_VERSION}`, import.meta.url))
/** Is there only when everything is. */
const COMPLETE = join(HOME, 'complete')
const IS_NEW_ENOUGH = 'import sys; print("%d.%d.%d" % sys.version_info[:3]); sys.exit(sys.version_info < (3, 10))'
/** What decides how fast MLflow is, and is not pinned by it. */
const PACKAGES = ['mlflow', 'uvicorn', 'starlette', 'flask', 'sqlalchemy']
const SHOW_VERSIONS = `import platform, importlib.metadata as m
print(", ".join(["Python " + platform.python_version()] + [p + " " + m.version(p) for p in "${PACKAGES.join(' ')}".split()]))`

export interface Mlflow {
  command: string
  /** Of Python and the packages that matter, as people read them. */
  versions: string
}

/** @throws Error that says what is missing on this machine. */
export function installMlflow(tell: (line: string) => void): Mlflow {
  if (!existsSync(COMPLETE)) install(tell)
  return { command: join(HOME, 'bin', 'mlflow'), versions: run(join(HOME, 'bin', 'python'), ['-c', SHOW_VERSIONS]) }
}

function install(tell: (line: string) => void): void {
  const python = spawnSync(PYTHON, ['-c', IS_NEW_ENOUGH], { encoding: 'utf8' })
  if (python.error) throw new Error(`there is no ${PYTHON} on this machine: install Python 3.10 or newer`)
  if (python.status !== 0)
    throw new Error(`MLflow needs Python 3.10 or newer, and ${PYTHON} is ${python.stdout.trim()}`)
  tell(`installing mlflow==${MLFLOW_VERSION} from PyPI into ${HOME}: about 1 GB, a minute or more, only this once`)
  rmSync(HOME, { recursive: true, force: true })
  mkdirSync(HOME, { recursive: true })
  try {
    run(PYTHON, ['-m', 'venv', HOME], 'it needs the module venv: Debian has it in the package python3-venv')
    const arguments_ = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `mlflow==${MLFLOW_VERSION}`]
    run(join(HOME, 'bin', 'python'), arguments_, 'is PyPI in reach of this machine?')
  } catch (error) {
    rmSync(HOME, { recursive: true, force: true })
    throw error
  }
  writeFileSync(COMPLETE, '')
}

/** Answers what the command prints. */
function run(command: string, args: string[], advice = ''): string {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 })
  if (status === 0) return stdout.trim()
  const said = (error?.message ?? `${stdout}${stderr}`).trim().split('\n').slice(-5).join('\n')
  throw new Error(`${command} ${args.join(' ')} failed${advice && `; ${advice}`}\n${said}`)
}
