import type { Route } from '../../../route.ts'
import { getFileRoute } from './get-file.ts'

/** The same headers as GET, without bytes and without ranges: see send-file.ts. */
export const headFileRoute: Route = {
  ...getFileRoute,
  id: 'headFile',
  method: 'HEAD',
  summary: 'Ask about a file',
  description: 'The headers of the whole download, without the bytes.',
  otherAnswers: { 304: 'Still what the condition names.' },
}
