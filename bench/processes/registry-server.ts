/** Our server, whole and with its defaults, as a process that can be asked what it has used. */
import { cpuUsage, memoryUsage } from 'node:process'
import { type App, createApp } from '../../src/app.ts'
import { collectSpentBuffers } from '../../src/blobs/spent-buffers.ts'
import { readConfig } from '../../src/config.ts'
import { SqliteDatabase } from '../../src/metadata/sqlite/sqlite-database.ts'
import { answerQuestions } from '../support/channel.ts'
import { seedModels } from '../support/seed.ts'

// As `holotype serve` does.
collectSpentBuffers()

let app: App | undefined
let peak = 0
let watch: NodeJS.Timeout | undefined

const answers = {
  /** `synchronous: 'OFF'` is not durable: only for seeing what durability costs. */
  async start({ dataDir, synchronous }: { dataDir: string; synchronous?: 'FULL' | 'OFF' }) {
    const config = readConfig({ HOLOTYPE_DATA_DIR: dataDir, HOLOTYPE_PORT: '0' })
    const openDatabase = (file: string) => SqliteDatabase.open(file, { synchronous: synchronous ?? 'FULL' })
    app = await createApp(config, { openDatabase })
    return { url: await app.listen(), key: app.firstKey ?? '' }
  },
  seedModels,
  cpuMs() {
    const { user, system } = cpuUsage()
    return (user + system) / 1000
  },
  /** From now on; in bytes. */
  watchMemory() {
    const now = memoryUsage.rss()
    peak = now
    clearInterval(watch)
    watch = setInterval(() => {
      peak = Math.max(peak, memoryUsage.rss())
    }, 20)
    return now
  },
  peakMemory: () => peak,
}

export type RegistryAnswers = typeof answers
answerQuestions(answers)
