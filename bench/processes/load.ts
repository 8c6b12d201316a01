/** The callers: many small requests at once, or bytes as fast as a socket takes and gives them. */

import { alternate } from '../support/alternate.ts'
import { answerQuestions } from '../support/channel.ts'
import { startProbes, stopProbes } from '../support/probe.ts'
import { sendRequests } from '../support/requests.ts'
import { download, upload } from '../support/transfers.ts'

const answers = { sendRequests, alternate, startProbes, stopProbes, upload, download }

export type LoadAnswers = typeof answers
answerQuestions(answers)
