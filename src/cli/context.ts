import { once } from 'node:events'
import type { Command } from 'commander'
import { type Client, type Connection, createClient } from '../client/client.ts'
import { ApiError } from '../client/errors.ts'
import { findConnection } from './credentials.ts'
import { CliError } from './errors.ts'
import { useTypedNames } from './find-model.ts'
import { endAtOnce, hadTerminal, isAttended, onInterrupt } from './interrupt.ts'
import type { Io } from './io.ts'
import { showJson, showLines } from './show.ts'

/** A command that is asked to end has this long, in ms, to clean up. */
const END_WITHIN_MS = 3000

/** The flags that every command understands. */
export interface GlobalFlags {
  url?: string
  apiKey?: string
  profile?: string
  json?: boolean
  quiet?: boolean
  /** Of lists alone. */
  sort?: string
}

/** A command that talks to a registry, made anew for each run. */
export type ClientCommand = (cli: Cli) => Command

/** What one run of a client command works with: where to write, whom to ask, when to stop. */
export class Cli implements Disposable {
  readonly io: Io
  flags: GlobalFlags = {}
  readonly #interruption = new AbortController()
  #stopListening: (() => void) | undefined
  #connection: Promise<Connection> | undefined
  #client: Promise<Client> | undefined
  #notes: string[] = []
  #outputError: Error | undefined
  readonly #onOutputError = (error: Error & { code?: string }) => {
    // A reader that has had enough closes the pipe, a user the terminal, and that is no failure of ours.
    const isGone = error.code === 'EPIPE' || (error.code === 'EIO' && hadTerminal)
    if (!isGone) this.#outputError ??= error
  }

  constructor(io: Io) {
    this.io = io
    io.stdout.on('error', this.#onOutputError)
    io.stderr.on('error', this.#onOutputError)
  }

  begin(flags: GlobalFlags): void {
    this.flags = flags
    this.#stopListening ??= onInterrupt({
      onFirst: signal => {
        this.#interruption.abort(new CliError('interrupted', 'interrupted'))
        // What waits for a disk, a pipe or the name of a host can't be called off, and would keep the process.
        setTimeout(() => endAtOnce(signal), END_WITHIN_MS).unref()
      },
      onAgain: endAtOnce,
      endsAtHangup: isAttended,
    })
  }

  /** Aborted when the user interrupts; its reason is the error to end with. */
  get signal(): AbortSignal {
    return this.#interruption.signal
  }

  /** The width that an answer has, in columns; without bound where stdout is no terminal. */
  get room(): number {
    const { isTTY, columns } = this.io.stdout
    return (isTTY && columns) || Number.POSITIVE_INFINITY
  }

  /** Throws a `CliError` when nobody is logged in. */
  connection(): Promise<Connection> {
    this.#connection ??= findConnection(this.flags, this.io.env)
    return this.#connection
  }

  client(): Promise<Client> {
    this.#client ??= this.connection().then(connection => createClient({ ...connection, signal: this.signal }))
    return this.#client
  }

  /**
   * The answer: the API's own JSON with `--json`, else `human`, which ends in a line break or is empty. Nothing in it reaches a terminal that could
   * be more than text there.
   */
  async answer(value: unknown, human: string): Promise<void> {
    await this.write(this.flags.json ? `${showJson(value)}\n` : showLines(human))
  }

  /** Puts bytes on stdout. Resolves to false when nobody reads them any more. Rejects when the user interrupts. */
  async write(chunk: string | Uint8Array): Promise<boolean> {
    const { stdout } = this.io
    if (stdout.destroyed || !stdout.writable) return false
    if (stdout.write(chunk)) return true
    const { signal } = this
    await Promise.race([once(stdout, 'drain', { signal }), once(stdout, 'close', { signal })]).catch(() => {})
    signal.throwIfAborted()
    return !stdout.destroyed
  }

  /** A line beside the answer. With `--json` it waits for the end, as an error has to be all that stands on stderr then. */
  say(line: string): void {
    if (this.flags.quiet) return
    if (this.flags.json) this.#notes.push(line)
    else this.io.stderr.write(`${showLines(line)}\n`)
  }

  /** What has been said with `--json` and is not on stderr yet. */
  takeNotes(): string[] {
    const notes = this.#notes
    this.#notes = []
    return notes
  }

  /** The error in the user's own words: a model that was named by its name is not told by its id. */
  async nameModels(error: unknown): Promise<unknown> {
    const client = await this.#client?.catch(() => undefined)
    if (client && error instanceof ApiError) error.message = useTypedNames(client, error.message)
    return error
  }

  /** Throws when the answer could not be written, to a full disk for example. */
  requireWritten(): void {
    if (this.#outputError) throw this.#outputError
  }

  [Symbol.dispose](): void {
    // Nothing more is read from it, and a read that waits would keep the process.
    if (this.signal.aborted) this.io.stdin.destroy()
    this.#stopListening?.()
    this.io.stdout.off('error', this.#onOutputError)
    this.io.stderr.off('error', this.#onOutputError)
  }
}
