/** Questions from the benchmark to a process that it has started, and the answers to them. */

/** What a process can be asked. Each question takes one value and each answer is one, both plain data. */
export type Answers = Record<string, (question: never) => unknown>

export interface Question {
  number: number
  what: string
  value: unknown
}

export type Answer = { number: number; value: unknown } | { number: number; error: string }

/** For the main line of a process: answers until the benchmark is gone, however it went. */
export function answerQuestions(answers: Answers): void {
  process.on('disconnect', () => process.exit())
  process.on('message', (question: Question) => {
    void answer(answers, question).then(reply => process.send?.(reply))
  })
}

async function answer(answers: Answers, { number, what, value }: Question): Promise<Answer> {
  try {
    return { number, value: await answers[what]?.(value as never) }
  } catch (error) {
    return { number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
