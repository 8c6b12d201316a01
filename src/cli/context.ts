import { once } from 'node:events'
import type { Command } from 'commander'
import { type Client, type Connection, createClient } from '../client/client.ts'
import { findConnection } from './credentials.ts'
import { CliError } from './errors.ts'
import { hadTerminal, onInterrupt } from './interrupt.ts'
import type { Io } from './io.ts'
import { showJson } from './show.ts'

/** The flags that every command understands. */
export interface GlobalFlags {
  url?: string
  apiKey?: string
  json?: boolean
  quiet?: boolean
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
    this.#stopListening ??= onInterrupt(
      () => this.#interruption.abort(new CliError('interrupted', 'interrupted')),
      signal => {
        this.#stopListening?.()
        process.kill(process.pid, signal)
      },
    )
  }

  /** Aborted when the user interrupts; its reason is the error to end with. */
  get signal(): AbortSignal {
    return this.#interruption.signal
  }

  /** Throws a `CliError` when nobody is logged in. */
  connection(): Promise<Connection> {
    this.#connection ??= findConnection(this.flags, this.io.env)
    return this.#connection
  }

  async client(): Promise<Client> {
    return createClient({ ...(await this.connection()), signal: this.signal })
  }

  /** The answer: the API's own JSON with `--json`, else `human`, which ends in a line break or is empty. */
  async answer(value: unknown, human: string): Promise<void> {
    await this.write(this.flags.json ? `${showJson(value)}\n` : human)
  }

  /** Puts bytes on stdout. Resolves to false when nobody reads them any more. */
  async write(chunk: string | Uint8Array): Promise<boolean> {
    const { stdout } = this.io
    if (stdout.destroyed || !stdout.writable) return false
    if (stdout.write(chunk)) return true
    await Promise.race([once(stdout, 'drain'), once(stdout, 'close')]).catch(() => {})
    return !stdout.destroyed
  }

  /** A line beside the answer. */
  say(line: string): void {
    if (!this.flags.quiet) this.io.stderr.write(`${line}\n`)
  }

  /** Throws when the answer could not be written, to a full disk for example. */
  requireWritten(): void {
    if (this.#outputError) throw this.#outputError
  }

  [Symbol.dispose](): void {
    this.#stopListening?.()
    this.io.stdout.off('error', this.#onOutputError)
    this.io.stderr.off('error', this.#onOutputError)
  }
}
