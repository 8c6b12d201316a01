/** Before the first test: one S3 server for all of them, each store with a bucket of its own. The runs on the different databases share it. */
import type { TestProject } from 'vitest/node'
import { findVersitygw, startVersitygw, type Versitygw } from './versitygw.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of the server, undefined when this machine has none. */
    versitygw: string | undefined
  }
}

let users = 0
let server: Promise<Versitygw> | undefined

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (findVersitygw() === undefined) return undefined
  users += 1
  server ??= startVersitygw()
  const { endpoint, close } = await server
  project.provide('versitygw', endpoint)
  return async () => {
    users -= 1
    if (users === 0) await close()
  }
}
