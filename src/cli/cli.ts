import { Command } from 'commander'
import { serve } from './commands/serve.ts'

export async function runCli(args: string[]): Promise<number> {
  const program = new Command('holotype').addCommand(serve)
  await program.parseAsync(args, { from: 'user' })
  return 0
}
