import type { Operation } from '../../../operation.ts'
import { getFile } from './get-file.ts'

/** The same file by the same rules; that HEAD sends no bytes, and knows no ranges, is told where files are sent. */
export const headFile: Operation = {
  ...getFile,
  id: 'headFile',
  method: 'HEAD',
  summary: 'Ask about a file',
  description: 'The headers of the whole download, without the bytes.',
  otherAnswers: { 304: 'Still what the condition names.' },
}
