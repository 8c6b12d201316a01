import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { defaultCacheDir } from '../../cache/cache.ts'
import { pruneCache } from '../../cache/prune-cache.ts'
import type { ClientCommand } from '../../context.ts'
import { count, show, showBytes } from '../../show.ts'

const DAY_MS = 86_400_000

export const pruneCacheCommand: ClientCommand = cli =>
  new Command('prune')
    .description('remove what no pull has used for some time from the cache of pulled files')
    .argument('[dir]', 'the cache (HOLOTYPE_CACHE_DIR; default ~/.cache/holotype)')
    .option('--unused-for <days>', 'how long, such as 30d; 0d removes all', parseDays, 30)
    .action(async (dir: string | undefined, { unusedFor }: { unusedFor: number }) => {
      const directory = resolve(dir ?? defaultCacheDir(cli.io.env))
      const pruned = await pruneCache(directory, Date.now() - unusedFor * DAY_MS)
      const kept = `${count(pruned.keptFiles, 'file')}, ${showBytes(pruned.keptBytes)}`
      await cli.answer(
        { directory, ...pruned },
        `Removed ${count(pruned.files, 'file')}, ${showBytes(pruned.bytes)}, from ${show(directory)}; ${kept} stay.\n`,
      )
    })

function parseDays(text: string): number {
  const days = /^(\d{1,5})d?$/.exec(text)?.[1]
  if (days === undefined) throw new InvalidArgumentError('It must be a number of days, such as 30d.')
  return Number(days)
}
