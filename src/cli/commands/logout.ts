import { Command } from 'commander'
import type { ClientCommand } from '../context.ts'
import { removeLogin } from '../credentials.ts'

export const logout: ClientCommand = cli =>
  new Command('logout').description('forget the stored API key').action(async () => {
    const wasLoggedIn = await removeLogin(cli.io.env)
    await cli.answer(
      { wasLoggedIn },
      wasLoggedIn ? 'Logged out. The key itself stays valid.\n' : 'Nobody was logged in.\n',
    )
  })
