/**
 * Asks for a body only when somebody is about to read it. curl and others announce large uploads with `Expect: 100-continue` and wait:
 * whoever may not upload, or not there, then hears so before sending gigabytes in vain.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'

export function askForBodiesWhenRead(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // Reading begins with it. What is only thrown away after a refusal is not asked for.
    request.once('resume', () => {
      if (!response.headersSent) response.writeContinue()
    })
    server.emit('request', request, response)
  })
}
