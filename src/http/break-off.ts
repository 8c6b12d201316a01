import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'

/**
 * Ends an answer that can't be finished. The connection is reset, not closed: a clean end is what an HTTP/1.0 client, and many a proxy, takes
 * for the end of the bytes.
 */
export function breakOff(response: ServerResponse): void {
  if (response.socket) reset(response.socket)
  response.destroy()
}

export function reset(socket: Socket): void {
  // Only TCP has it; a test may come without a connection.
  if (socket instanceof Socket && socket.remoteFamily?.startsWith('IPv')) socket.resetAndDestroy()
  else socket.destroy()
}
