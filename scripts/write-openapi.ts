/** Writes the published contract and the client's types from the routes: `npm run openapi`. A test fails when they differ. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import openapiTypescript, { astToString } from 'openapi-typescript'
import { createApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'

export async function renderContract(): Promise<{ document: string; types: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'holotype-openapi-'))
  const app = await createApp(readConfig({ HOLOTYPE_DATA_DIR: dataDir, HOLOTYPE_LOG_LEVEL: 'silent' }))
  try {
    const document = `${JSON.stringify(app.server.swagger(), null, 2)}\n`
    const types = astToString(await openapiTypescript(document))
    return {
      document,
      types: `/** Made from docs/openapi.json by \`npm run openapi\`; not edited by hand. */\n\n${types}`,
    }
  } finally {
    await app.close()
    rmSync(dataDir, { recursive: true })
  }
}

if (import.meta.main) {
  const { document, types } = await renderContract()
  writeFileSync(new URL('../docs/openapi.json', import.meta.url), document)
  writeFileSync(new URL('../src/client/schema.ts', import.meta.url), types)
}
