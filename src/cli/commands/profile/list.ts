import { Command } from 'commander'
import type { ClientCommand } from '../../context.ts'
import { findProfileName } from '../../credentials.ts'
import { readProfiles } from '../../profiles.ts'
import { table, words } from '../../table.ts'

export const listProfiles: ClientCommand = cli =>
  new Command('list').description('list the stored logins').action(async () => {
    const { current, logins } = await readProfiles(cli.io.env)
    const used = findProfileName(cli.flags, cli.io.env) ?? current
    const items = [...logins].map(([name, { url, key }]) => ({
      name,
      url,
      keyId: findKeyId(key),
      isUsed: name === used,
    }))
    const columns = {
      used: (item: (typeof items)[number]) => (item.isUsed ? '*' : ''),
      name: (item: (typeof items)[number]) => item.name,
      url: words((item: (typeof items)[number]) => item.url),
      key: (item: (typeof items)[number]) => item.keyId,
    }
    await cli.answer({ items }, table(items, columns, cli.room))
    if (items.length === 0 && !cli.flags.json) cli.say('None.')
  })

/** The public part of a key. */
function findKeyId(key: string): string | null {
  return /^ht_(ak[0-9a-z]+)_/.exec(key)?.[1] ?? null
}
