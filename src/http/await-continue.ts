/**
 * Asks for a body only when it is about to be read. curl and other clients announce large uploads with `Expect: 100-continue` and wait for
 * the answer 100: a refused client gets the refusal before it sends the body.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'

export function askForBodiesWhenRead(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // Reading begins with `resume`. A body that would be discarded after a refusal is not asked for.
    request.once('resume', () => {
      if (!response.headersSent) response.writeContinue()
    })
    server.emit('request', request, response)
  })
}
