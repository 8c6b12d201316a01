/** What the machine itself can do, with nothing of ours in between. */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { answerQuestions } from '../support/channel.ts'

const answers = {
  /** Durable transactions of one row each, one after the other. Answers how many there were in a second. */
  commits({ dir, seconds }: { dir: string; seconds: number }): number {
    const path = join(dir, 'commits.sqlite')
    const database = new DatabaseSync(path)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    database.exec('CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, text TEXT)')
    const insert = database.prepare('INSERT INTO rows (text) VALUES (?)')
    const start = performance.now()
    let count = 0
    while (performance.now() - start < seconds * 1000) {
      insert.run(
        'a row of about as many bytes as a model has, which is a hundred or two, most of them its name and ids',
      )
      count++
    }
    const elapsed = performance.now() - start
    database.close()
    return (count * 1000) / elapsed
  },
}

export type MachineAnswers = typeof answers
answerQuestions(answers)
