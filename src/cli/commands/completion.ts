import { Argument, Command } from 'commander'
import { completeBash } from '../completion/bash.ts'
import { completeFish } from '../completion/fish.ts'
import { findPlaces, type Place } from '../completion/places.ts'
import { completeZsh } from '../completion/zsh.ts'
import type { ClientCommand } from '../context.ts'

const SHELLS: Record<string, (places: readonly Place[]) => string> = {
  bash: completeBash,
  zsh: completeZsh,
  fish: completeFish,
}

export const completion: ClientCommand = cli =>
  new Command('completion')
    .description('print what makes a shell complete commands and options')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .addHelpText('after', HOW)
    .action(async (shell: string, _options: unknown, command: Command) => {
      const places = command.parent ? findPlaces(command.parent) : []
      await cli.write(SHELLS[shell]?.(places) ?? '')
    })

const HOW = `
Put this into the file that the shell reads at its start:
  bash  (~/.bashrc)                    source <(holotype completion bash)
  zsh   (~/.zshrc, after compinit)     source <(holotype completion zsh)
  fish  (~/.config/fish/config.fish)   holotype completion fish | source`
