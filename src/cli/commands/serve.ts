import { Command } from 'commander'
import { createApp } from '../../app.ts'
import { readConfig } from '../../config.ts'

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
    const app = await createApp(config)
    const stopped = untilStopped()
    const url = config.publicUrl ?? (await app.listen())
    if (config.publicUrl !== undefined) await app.listen()
    welcome(url, app.firstKey)
    await stopped
    await closeWithin(config.drainMs, app.close)
  })

/** Everything a newcomer needs for the main job, once; later starts say only where the registry is. */
function welcome(url: string, firstKey: string | undefined): void {
  const lines = [`Holotype is ready at ${url}`]
  if (firstKey !== undefined) {
    lines.push(
      '',
      `API key: ${firstKey}`,
      'It is shown only this once. In another terminal, keep a model and get exactly it back:',
      '',
      `  npx holotype login ${firstKey} --url ${url}`,
      '  npx holotype push <file-or-folder> my-model --create',
      '  npx holotype pull my-model <folder>',
      '',
    )
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** Ctrl-C reaches this process several times when npm stands in between, so only a signal well after the first one forces an end. */
function untilStopped(): Promise<void> {
  return new Promise(resolve => {
    let firstAt: number | undefined
    const onSignal = () => {
      if (firstAt !== undefined && Date.now() - firstAt > 2000) process.exit(1)
      firstAt ??= Date.now()
      resolve()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}

async function closeWithin(ms: number, close: () => Promise<void>): Promise<void> {
  const timer = setTimeout(() => {
    process.stderr.write('requests still in flight were cut off\n')
    process.exit(1)
  }, ms)
  await close()
  clearTimeout(timer)
}
