import { conflict, invalidArgument } from './errors.ts'
import { requireName, requireText } from './text.ts'

/** A version of a model: a draft that takes files until it is committed; from then on its files never change. */
export interface Version {
  modelId: string
  /** 1, 2, 3 … in its model, never given out twice. */
  number: number
  userId: string
  message: string | null
  metadata: Record<string, unknown> | null
  tags: string[]
  createdAt: number
  modifiedAt: number
  /** Null while a draft. */
  committedAt: number | null
  /** Names the whole content: see digest.ts. Null while a draft. */
  digest: string | null
  fileCount: number
  usageBytes: number
  /** Grows with every change of the files of a draft. */
  revision: number
}

/** The editable part of a version, also after the commit. */
export interface VersionNotes {
  message?: string | null | undefined
  metadata?: Record<string, unknown> | null | undefined
  tags?: string[] | undefined
}

const METADATA_MAX_BYTES = 64 * 1024
const TAGS_MAX = 50

/** Checks what people write about a version and drops repeated tags. Throws `invalid_argument`. */
export function requireNotes(notes: VersionNotes): VersionNotes {
  if (notes.message != null) requireText('message', notes.message, 10_000)
  if (notes.metadata != null) {
    const bytes = Buffer.byteLength(JSON.stringify(notes.metadata))
    if (bytes > METADATA_MAX_BYTES) {
      throw invalidArgument('metadata', `must have at most ${METADATA_MAX_BYTES} bytes as JSON, not ${bytes}`)
    }
  }
  if (!notes.tags) return notes
  const given = notes.tags.map(tag => tag.trim()).filter(tag => tag !== '')
  const tags = [...new Set(given.map(tag => requireName('tags', tag, 100)))]
  if (tags.length > TAGS_MAX) throw invalidArgument('tags', `must be at most ${TAGS_MAX} tags, not ${tags.length}`)
  return { ...notes, tags }
}

/** What an event says of the version that it is about. */
export function aboutVersion({ modelId, number }: { modelId: string; number: number }) {
  return { subject: { kind: 'version', id: String(number) } as const, modelId, version: number }
}

/** What an event says of the file that it is about. */
export function aboutFile({ modelId, number }: { modelId: string; number: number }, path: string) {
  return { subject: { kind: 'file', id: path } as const, modelId, version: number }
}

/** Throws `conflict` unless files may still be added to or taken from the version. */
export function requireDraft(version: Version): Version {
  if (version.committedAt !== null) {
    throw conflict(`version ${version.number} is committed, its files can't change; create a new version`, {
      kind: 'version',
      id: String(version.number),
    })
  }
  return version
}
