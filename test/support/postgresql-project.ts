/** Before the first test on PostgreSQL: one server for all of them, each registry with a database of its own. */
import type { TestProject } from 'vitest/node'
import { findPostgresql, startPostgresql } from './postgresql-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of the server, undefined when this machine has none. */
    postgresql: string | undefined
  }
}

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (findPostgresql() === undefined) return undefined
  const server = await startPostgresql()
  project.provide('postgresql', server.url)
  return server.close
}
