/**
 * Asks for a body only when it is about to be read. curl and other clients announce large uploads with `Expect: 100-continue` and wait for
 * the answer 100: a refused client gets the refusal before it sends the body.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { type Door, findDoor } from './door.ts'
import { HttpError } from './http-error.ts'
import { rawErrorAnswer } from './raw-answer.ts'
import { requestIdOf } from './request-id.ts'

export function askForBodiesWhenRead(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // Reading begins with `resume`. A body that would be discarded after a refusal is not asked for.
    request.once('resume', () => {
      if (!response.headersSent) response.writeContinue()
    })
    server.emit('request', request, response)
  })
}

/** Any other expectation can't be met (RFC 9110 §10.1.1). Node's own refusal would have no id and no words. */
export function refuseOtherExpectations(
  server: Server,
  doors: Door[],
  onAnswer: (status: number, requestId: string) => void,
): void {
  server.on('checkExpectation', (request: IncomingMessage) => {
    const error = new HttpError(417, 'the only expectation that is met is 100-continue')
    const requestId = requestIdOf(request)
    request.socket.end(rawErrorAnswer(findDoor(doors, request.url ?? ''), error, requestId))
    onAnswer(error.statusCode, requestId)
  })
}
