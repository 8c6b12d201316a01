/** The callers: many small requests at once, or bytes as fast as a socket takes and gives them. */
import { answerQuestions } from '../support/channel.ts'
import { sendRequests } from '../support/requests.ts'
import { download, upload } from '../support/transfers.ts'

const answers = { sendRequests, upload, download }

export type LoadAnswers = typeof answers
answerQuestions(answers)
