/** What can be typed at each place of the command line, read from the commands themselves. */
import type { Command, Option } from 'commander'

export interface Place {
  /** The words so far: none at the top, `model`, `model list`. */
  path: string
  /** What may follow. A word of several is a short form of the same. */
  commands: Array<{ names: string[]; description: string }>
  options: Array<{ names: string[]; description: string; choices: readonly string[]; takesValue: boolean }>
  takesFile: boolean
}

export function findPlaces(program: Command): Place[] {
  const visit = (command: Command, path: string): Place[] => {
    const subcommands = command.commands.map(sub => ({ sub, names: [sub.name(), ...sub.aliases()] }))
    const place: Place = {
      path,
      commands: [
        ...subcommands.map(({ sub, names }) => ({ names, description: sub.description() })),
        ...(command === program ? SHORT_FORMS : []),
      ],
      options: [...command.options.map(toOption), HELP],
      takesFile: takesFile(command),
    }
    const below = subcommands.flatMap(({ sub, names }) => names.flatMap(name => visit(sub, `${path} ${name}`.trim())))
    return [place, ...below]
  }
  return visit(program, '')
}

const SHORT_FORMS = [
  { names: ['ls'], description: 'list models, versions or files' },
  { names: ['rm'], description: 'delete a model or a version' },
]

const HELP = { names: ['-h', '--help'], description: 'display help', choices: [], takesValue: false }

function toOption({ short, long, description, argChoices = [], required, optional }: Option) {
  const names = [short, long].filter(name => name !== undefined)
  return { names, description, choices: argChoices, takesValue: required || optional }
}

const FILE_ARGUMENTS = new Set(['path', 'folder', 'dir'])

/** The paths in a version are not on this machine. */
function takesFile(command: Command): boolean {
  const isRemote =
    command.registeredArguments.some(argument => argument.name().includes('@')) && command.parent?.name() === 'file'
  return !isRemote && command.registeredArguments.some(argument => FILE_ARGUMENTS.has(argument.name()))
}
