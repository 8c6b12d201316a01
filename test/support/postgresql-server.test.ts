import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { createDatabase, dropDatabase, runSql } from './postgresql-databases.ts'
import { findPostgresql, NO_POSTGRESQL, startPostgresql } from './postgresql-server.ts'

beforeEach(({ skip }) => skip(findPostgresql() === undefined, NO_POSTGRESQL))

test('a database of a server that crashes is refused, is back when it starts again, and goes alone', async () => {
  await using server = await startPostgresql()
  const [one, two] = [await createDatabase(server.url), await createDatabase(server.url)]
  for (const url of [one, two]) await runSql(url, 'CREATE TABLE kept (x int)')
  await server.stop('immediate')
  await expect(runSql(one, 'TABLE kept')).rejects.toThrow('ECONNREFUSED')
  await server.start()
  await dropDatabase(two)
  await expect(runSql(two, 'TABLE kept')).rejects.toThrow('does not exist')
  expect(await runSql(one, 'TABLE kept')).toEqual([])
})

test('a server ends and leaves nothing, also when the process that started it is killed', async () => {
  const ends = {
    closed: 'await server.close(); process.stdin.resume()',
    killed: 'process.kill(process.pid, "SIGKILL")',
  }
  for (const [how, end] of Object.entries(ends)) {
    const program = `
      import { runSql } from './test/support/postgresql-databases.ts'
      import { startPostgresql } from './test/support/postgresql-server.ts'
      const server = await startPostgresql()
      const [{ data_directory }] = await runSql(server.url, 'SHOW data_directory')
      process.stdout.write(data_directory + ' ' + server.url + '\\n', async () => { ${end} })`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const [data, url] = String((await once(child.stdout, 'data'))[0])
      .trim()
      .split(' ') as [string, string]
    await expect.poll(() => existsSync(dirname(data)), { timeout: 20_000, message: how }).toBe(false)
    await expect(runSql(url, 'SELECT 1'), how).rejects.toThrow('ECONNREFUSED')
    child.stdin.end()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
})
