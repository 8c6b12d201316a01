/** The contents page of the command line: every command there is. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { describeStrayVariables } from '../domain/settings.ts'
import { deleteAlias } from './commands/alias/delete.ts'
import { listAliases } from './commands/alias/list.ts'
import { setAlias } from './commands/alias/set.ts'
import { listEvents } from './commands/events.ts'
import { catFile } from './commands/file/cat.ts'
import { listFiles } from './commands/file/list.ts'
import { createKey } from './commands/key/create.ts'
import { listKeys } from './commands/key/list.ts'
import { revokeKey } from './commands/key/revoke.ts'
import { login } from './commands/login.ts'
import { logout } from './commands/logout.ts'
import { createModel } from './commands/model/create.ts'
import { deleteModel } from './commands/model/delete.ts'
import { getModel } from './commands/model/get.ts'
import { listModels } from './commands/model/list.ts'
import { updateModel } from './commands/model/update.ts'
import { addProjectModel } from './commands/project/add-model.ts'
import { createProject } from './commands/project/create.ts'
import { deleteProject } from './commands/project/delete.ts'
import { getProject } from './commands/project/get.ts'
import { listProjects } from './commands/project/list.ts'
import { removeProjectModel } from './commands/project/remove-model.ts'
import { updateProject } from './commands/project/update.ts'
import { pull } from './commands/pull.ts'
import { push } from './commands/push.ts'
import { getStorageProvider } from './commands/storage-provider/get.ts'
import { listStorageProviders } from './commands/storage-provider/list.ts'
import { createTeam } from './commands/team/create.ts'
import { listTeams } from './commands/team/list.ts'
import { createUser } from './commands/user/create.ts'
import { deleteUser } from './commands/user/delete.ts'
import { listUsers } from './commands/user/list.ts'
import { commitVersion } from './commands/version/commit.ts'
import { createVersion } from './commands/version/create.ts'
import { deleteVersion } from './commands/version/delete.ts'
import { getVersion } from './commands/version/get.ts'
import { listVersions } from './commands/version/list.ts'
import { updateVersion } from './commands/version/update.ts'
import { whoami } from './commands/whoami.ts'
import { Cli, type ClientCommand } from './context.ts'
import { describeError, describeErrorAsJson } from './describe-error.ts'
import { exitCodeOf } from './errors.ts'
import { type Io, processIo } from './io.ts'
import { addClientCommand, asksForJson, createProgram, group, prepare } from './program.ts'
import { showLines } from './show.ts'

const version = group('version', 'the versions of a model', [
  listVersions,
  getVersion,
  createVersion,
  updateVersion,
  commitVersion,
  deleteVersion,
])
const project = group('project', 'models kept together', [
  listProjects,
  getProject,
  createProject,
  updateProject,
  deleteProject,
  addProjectModel,
  removeProjectModel,
])

const clientCommands: Array<{ heading: string; commands: ClientCommand[] }> = [
  { heading: 'Who you are:', commands: [login, logout, whoami] },
  { heading: 'Bytes, there and back:', commands: [push, pull] },
  {
    heading: 'What is kept:',
    commands: [
      group('model', 'models', [listModels, getModel, createModel, updateModel, deleteModel]),
      version,
      group('alias', 'names that point at versions', [listAliases, setAlias, deleteAlias]),
      group('file', 'the files of a version', [listFiles, catFile]),
      project,
      group('storage-provider', 'where the bytes are', [listStorageProviders, getStorageProvider]),
    ],
  },
  { heading: 'What happened:', commands: [listEvents] },
  {
    heading: 'Who may use the registry:',
    commands: [
      group('key', 'API keys', [listKeys, createKey, revokeKey]),
      group('user', 'members of the team', [listUsers, createUser, deleteUser]),
      group('team', 'teams', [listTeams, createTeam]),
    ],
  },
]

/**
 * These work on the data directory itself, on the machine that keeps it. They bring the whole server along, so they are loaded only when
 * one of them, or help, may be meant: a `pull` in a loop should not wait for it.
 */
async function loadMachineCommands(): Promise<Command[]> {
  const [{ serve }, { verify }, { sweep }, { backup }, { restore }, { migrateTo }] = await Promise.all([
    import('./commands/serve.ts'),
    import('./commands/verify.ts'),
    import('./commands/sweep.ts'),
    import('./commands/backup.ts'),
    import('./commands/restore.ts'),
    import('./commands/migrate-to.ts'),
  ])
  return [serve, verify, sweep, backup, restore, migrateTo]
}

/** Runs one command line. Resolves to its exit code; what went wrong has been told on stderr. Never ends the process itself. */
export async function runCli(args: string[], io: Io = processIo()): Promise<number> {
  using cli = new Cli(io)
  const isJson = asksForJson(args)
  try {
    const program = await buildProgram(cli, args)
    await program.parseAsync(args.length === 0 ? ['--help'] : args, { from: 'user' })
    cli.requireWritten()
    for (const note of cli.takeNotes()) io.stderr.write(`${showLines(note)}\n`)
    return 0
  } catch (problem) {
    const error = await cli.nameModels(problem)
    const text = isJson ? describeErrorAsJson(error, cli.takeNotes()) : describeError(error)
    if (text !== undefined) io.stderr.write(`${text}\n`)
    return exitCodeOf(error)
  }
}

async function buildProgram(cli: Cli, args: string[]): Promise<Command> {
  const program = createProgram(readVersion())
  program.hook('preAction', () => {
    for (const line of describeStrayVariables(cli.io.env)) cli.io.stderr.write(`warning: ${line}\n`)
  })
  for (const { heading, commands } of clientCommands) {
    program.commandsGroup(heading)
    for (const makeCommand of commands) addClientCommand(program, cli, makeCommand)
  }
  if (!program.commands.some(command => command.name() === args[0])) {
    program.commandsGroup('On the machine that keeps the data:')
    for (const command of await loadMachineCommands()) program.addCommand(command)
  }
  program.commandsGroup('Help:').helpCommand('help [command]', 'show how a command is used')
  return prepare(cli, program, { isJson: asksForJson(args) })
}

function readVersion(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version
}
