import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'

/**
 * Ends an answer that can't be finished. The connection is reset, not closed: a clean end is what an HTTP/1.0 client, and many a proxy, takes
 * for the end of the bytes.
 */
export function breakOff(response: ServerResponse): void {
  const { socket } = response
  // A socket that isn't TCP can't be reset.
  if (socket instanceof Socket && socket.remoteFamily?.startsWith('IPv')) socket.resetAndDestroy()
  response.destroy()
}
