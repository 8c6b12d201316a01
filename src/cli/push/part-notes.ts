/**
 * Which parts a push has sent, for stores that do not say themselves what they have. Kept beside the mark of the unfinished push, in lines. It is no
 * proof: the registry reads the whole before it is a file.
 */
import { appendFile, readFile, rm } from 'node:fs/promises'
import type { PartNotes } from '../../client/parts/part-notes.ts'

export interface KeptPartNotes extends PartNotes {
  forget(): Promise<void>
}

const LINE = /^([\w-]{1,100}) (\d{1,5}) ([0-9a-f]{64})$/

export async function openPartNotes(file: string): Promise<KeptPartNotes> {
  const notes = new Map<string, Map<number, string>>()
  const set = (uploadId: string, number: number, sha256: string) => {
    const parts = notes.get(uploadId) ?? new Map<number, string>()
    notes.set(uploadId, parts.set(number, sha256))
  }
  const text = await readFile(file, 'utf8').catch(() => '')
  for (const line of text.split('\n')) {
    const [, uploadId, number, sha256] = LINE.exec(line) ?? []
    if (uploadId !== undefined && sha256 !== undefined) set(uploadId, Number(number), sha256)
  }
  return {
    find: uploadId => notes.get(uploadId) ?? new Map(),
    async add(uploadId, number, sha256) {
      set(uploadId, number, sha256)
      // Without it the part is sent again, no more.
      await appendFile(file, `${uploadId} ${number} ${sha256}\n`, { mode: 0o600 }).catch(() => {})
    },
    async forget() {
      notes.clear()
      await rm(file, { force: true }).catch(() => {})
    },
  }
}
