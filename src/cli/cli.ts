import { Command } from 'commander'
import { backup } from './commands/backup.ts'
import { restore } from './commands/restore.ts'
import { serve } from './commands/serve.ts'
import { verify } from './commands/verify.ts'

export async function runCli(args: string[]): Promise<number> {
  const program = new Command('holotype')
  for (const command of [serve, verify, backup, restore]) program.addCommand(command)
  await program.parseAsync(args, { from: 'user' })
  return Number(process.exitCode ?? 0)
}
