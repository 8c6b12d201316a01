import { Command } from 'commander'
import { createApp } from '../../app.ts'
import { collectSpentBuffers } from '../../blobs/spent-buffers.ts'
import { type Config, readConfig } from '../../config.ts'
import { CliError } from '../errors.ts'
import { hadTerminal, onInterrupt } from '../interrupt.ts'
import { count } from '../show.ts'

export const serve = new Command('serve')
  .description('run the registry')
  .option('--host <host>', 'address to listen on (HOLOTYPE_HOST, default 127.0.0.1)')
  .option('--port <port>', 'port to listen on, 0 for a free one (HOLOTYPE_PORT, default 8080)')
  .option('--data-dir <dir>', 'where everything is kept (HOLOTYPE_DATA_DIR, default ./data)')
  .option('--public-url <url>', 'how callers reach the registry (HOLOTYPE_PUBLIC_URL)')
  .action(async (options: Record<string, string | undefined>) => {
    const config = readConfig({
      ...process.env,
      ...(options['host'] !== undefined && { HOLOTYPE_HOST: options['host'] }),
      ...(options['port'] !== undefined && { HOLOTYPE_PORT: options['port'] }),
      ...(options['dataDir'] !== undefined && { HOLOTYPE_DATA_DIR: options['dataDir'] }),
      ...(options['publicUrl'] !== undefined && { HOLOTYPE_PUBLIC_URL: options['publicUrl'] }),
    })
    collectSpentBuffers()
    const app = await createApp(config, { onFirstKey: showFirstKey })
    const stopped = untilStopped()
    const url = await app.listen().catch(async error => {
      await app.close()
      throw explainListenError(error, config)
    })
    welcome(config.publicUrl ?? url, app.firstKey)
    await stopped
    announceWait(app.requestsInFlight(), config.drainMs)
    await closeWithin(config.drainMs, app.close)
  })

/** At once, before anything else can fail: it can't be shown again. */
function showFirstKey(key: string): void {
  process.stdout.write(`API key: ${key}\nIt is shown only this once.\n\n`)
}

/** Everything a newcomer needs for the main job, once; later starts say only where the registry is. */
function welcome(url: string, firstKey: string | undefined): void {
  const lines = [`Holotype is ready at ${url}`]
  if (firstKey !== undefined) {
    lines.push(
      'In another terminal, keep a model and get exactly it back:',
      '',
      `  npx holotype login ${firstKey} --url ${url}`,
      '  npx holotype push <file-or-folder> my-model --create',
      '  npx holotype pull my-model <folder>',
      '',
    )
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

function explainListenError(error: unknown, { host, port }: Config): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') {
    const advice = 'Stop it, or choose another port with --port or HOLOTYPE_PORT; 0 takes a free one.'
    return new CliError('failed', `something else listens on port ${port} of ${host} already`, advice)
  }
  if (code === 'EACCES') {
    const advice = 'Choose one above 1023 with --port or HOLOTYPE_PORT.'
    return new CliError('failed', `this user may not listen on port ${port}`, advice)
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    const advice =
      'Choose one with --host or HOLOTYPE_HOST: 127.0.0.1 for this machine alone, 0.0.0.0 for all who can reach it.'
    return new CliError('failed', `${host} is no address of this machine`, advice)
  }
  return error
}

function untilStopped(): Promise<void> {
  return new Promise(resolve => {
    onInterrupt({ onFirst: () => resolve(), onAgain: () => process.exit(1), endsAtHangup: hadTerminal })
  })
}

function announceWait(requests: number, ms: number): void {
  if (requests === 0 || ms === 0) return
  const waiting = `waiting up to ${ms / 1000} s for ${count(requests, 'request')} in flight`
  process.stderr.write(`stopping: ${waiting}; a second Ctrl-C or SIGTERM ends at once\n`)
}

async function closeWithin(ms: number, close: () => Promise<void>): Promise<void> {
  const timer = setTimeout(() => {
    process.stderr.write('requests still in flight were cut off\n')
    process.exit(1)
  }, ms)
  await close().finally(() => clearTimeout(timer))
}
