/** What holds for every command: the flags they share, and how wrong usage is told. */
import { Command } from 'commander'
import type { Cli, ClientCommand } from './context.ts'
import { DEFAULT_URL } from './credentials.ts'
import { exitCodeHelp } from './outcomes.ts'
import { showLines } from './show.ts'

export function createProgram(version: string): Command {
  const program = new Command('holotype')
    .description('A registry for machine-learning models: push files, pull exactly them back.')
    .version(version)
    // So that `push --version 3` is an option of `push`. The shared flags stand after the command, as in the official Paperspace client.
    .enablePositionalOptions()
    .addHelpText('after', FIRST_STEPS)
    .addHelpText('after', exitCodeHelp())
  return addSharedFlags(program)
}

const FIRST_STEPS = `
First steps:
  holotype serve                             (prints an API key)
  holotype login <key>
  holotype push <path> my-model --create
  holotype pull my-model <folder>

Short forms:
  holotype ls                                (model list)
  holotype ls <model>                        (version list)
  holotype ls <model@version>                (file list)
  holotype rm <model>                        (model delete)
  holotype rm <model@version>                (version delete)`

/** What people type out of habit. */
export const SHORT_VERBS: Record<string, string> = { list: 'ls', delete: 'rm', remove: 'rm', revoke: 'rm' }

/** A noun with its verbs: `holotype model list`. */
export function group(name: string, description: string, commands: ClientCommand[]): ClientCommand {
  return cli => {
    const noun = new Command(name).description(description).helpCommand(false)
    for (const makeCommand of commands) {
      const command = makeCommand(cli)
      const short = SHORT_VERBS[command.name()]
      noun.addCommand(short === undefined ? command : command.alias(short))
    }
    return noun
  }
}

/** Adds a command that talks to a registry, or a group of them. */
export function addClientCommand(program: Command, cli: Cli, makeCommand: ClientCommand): void {
  const command = makeCommand(cli)
  for (const leaf of command.commands.length > 0 ? command.commands : [command]) addSharedFlags(leaf)
  command.hook('preAction', (_command, leaf) => cli.begin(leaf.optsWithGlobals()))
  program.addCommand(command)
}

const HELP_WIDTH = 100

/** All commands have options; leaving that out makes the list readable. At the top even the arguments are too much. */
function subcommandTerm(command: Command): string {
  const parameters = command.registeredArguments.map(argument => {
    return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`
  })
  return [[command.name(), ...command.aliases()].join('|'), ...(command.parent?.parent ? parameters : [])].join(' ')
}

function addSharedFlags(command: Command): Command {
  return command
    .optionsGroup('Shared options:')
    .option('--url <url>', `the registry (HOLOTYPE_URL; then the login's; default ${DEFAULT_URL})`)
    .option('--api-key <key>', "the API key (HOLOTYPE_API_KEY; then the login's)")
    .option('--profile <name>', 'a stored login (HOLOTYPE_PROFILE; then the one in use)')
    .option('--json', 'answer in JSON')
    .option('-q, --quiet', 'say nothing beside the answer and errors')
}

/** Also where the line can't be understood otherwise: then the error is to be JSON all the same. */
export function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end === -1 ? args : args.slice(0, end)).includes('--json')
}

interface Preparation {
  /** Wrong usage is told as JSON, by `runCli`. */
  isJson: boolean
  /** The words that lead to the command. */
  path?: string[]
}

/** Wrong usage becomes an error that `runCli` turns into an exit code, told where this run writes. */
export function prepare(cli: Cli, command: Command, { isJson, path = [] }: Preparation): Command {
  const words = [...path, command.name()]
  command
    .exitOverride()
    .configureOutput({
      writeOut: text => cli.io.stdout.write(text),
      writeErr: text => isJson || cli.io.stderr.write(showLines(text)),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      getOutHelpWidth: () => cli.io.stdout.columns ?? HELP_WIDTH,
      getErrHelpWidth: () => cli.io.stderr.columns ?? HELP_WIDTH,
    })
    .configureHelp({ subcommandTerm })
    .showHelpAfterError(`  See: ${words.join(' ')} --help`)
  for (const subcommand of command.commands) prepare(cli, subcommand, { isJson, path: words })
  return command
}
