/** Runs a command line. Which commands there are stands in commands.ts. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { describeStrayVariables } from '../domain/settings.ts'
import { clientCommands, type Entry, machineCommands } from './commands.ts'
import { Cli, type ClientCommand } from './context.ts'
import { describeError, describeErrorAsJson } from './describe-error.ts'
import { exitCodeOf } from './errors.ts'
import { type Io, processIo } from './io.ts'
import { addClientCommand, asksForJson, createProgram, group, prepare, SHORT_VERBS } from './program.ts'
import { showLines } from './show.ts'

/** Runs one command line. Resolves to its exit code; what went wrong has been told on stderr. Never ends the process itself. */
export async function runCli(args: string[], io: Io = processIo()): Promise<number> {
  using cli = new Cli(io)
  const isJson = asksForJson(args)
  try {
    const words = spellOut(args.length === 0 ? ['--help'] : args)
    const program = await buildProgram(cli, words)
    await program.parseAsync(words, { from: 'user' })
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

/** `ls` and `rm` by themselves mean what their argument is. */
function spellOut(args: string[]): string[] {
  const [first = '', ...rest] = args
  if (first !== 'ls' && first !== 'rm') return args
  const name = rest.find(word => !BOOLEAN_FLAGS.has(word)) ?? ''
  const isNamed = name !== '' && !name.startsWith('-')
  if (first === 'rm') return [isNamed && name.includes('@') ? 'version' : 'model', 'delete', ...rest]
  if (!isNamed) return ['model', 'list', ...rest]
  return [name.includes('@') ? 'file' : 'version', 'list', ...rest]
}

const BOOLEAN_FLAGS = new Set(['--json', '-q', '--quiet', '-y', '--yes', '--asc', '--desc'])
const VERSION_FLAGS = new Set(['-V', '--version'])

/** With the command that the first words mean; with all of them where it can't be told, or where help may be wanted. */
async function buildProgram(cli: Cli, args: string[]): Promise<Command> {
  const program = createProgram(readVersion())
  const preparation = { isJson: asksForJson(args) }
  program.hook('preAction', () => {
    for (const line of describeStrayVariables(cli.io.env)) cli.io.stderr.write(`warning: ${line}\n`)
  })
  const [first = '', second = ''] = args
  if (VERSION_FLAGS.has(first)) return prepare(cli, program, preparation)
  const sections = Object.entries(clientCommands)
  // What completes commands has to know all of them.
  const isKnown =
    first !== 'completion' &&
    [...sections.map(([, entries]) => entries), machineCommands].some(entries => Object.hasOwn(entries, first))
  const isMeant = ([name]: [string, unknown]) => !isKnown || name === first
  for (const [heading, entries] of sections) {
    program.commandsGroup(heading)
    const meant = Object.entries(entries).filter(isMeant)
    const loaded = await Promise.all(meant.map(([name, entry]) => loadEntry(name, entry, second)))
    for (const command of loaded) addClientCommand(program, cli, command)
  }
  program.commandsGroup('On the machine that keeps the data:')
  const meant = Object.entries(machineCommands).filter(isMeant)
  for (const command of await Promise.all(meant.map(([, load]) => load()))) program.addCommand(command)
  program.commandsGroup('Help:').helpCommand('help [command]', 'show how a command is used')
  return prepare(cli, program, preparation)
}

async function loadEntry(name: string, entry: Entry, verb: string): Promise<ClientCommand> {
  if (typeof entry === 'function') return await entry()
  const { description, commands } = entry
  const isVerb = ([name]: [string, unknown]) => name === verb || SHORT_VERBS[name] === verb
  const named = Object.entries(commands).filter(isVerb)
  const meant = named.length > 0 ? named : Object.entries(commands)
  return group(name, description, await Promise.all(meant.map(([, load]) => load())))
}

function readVersion(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version
}
