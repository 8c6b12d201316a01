import { quote } from './errors.ts'

interface AnyStorageProvider {
  id: string
  teamId: string
  name: string
  isTeamDefault: boolean
  createdAt: number
}

/** The registry's own directory, managed by the registry itself. */
export interface LocalStorageProvider extends AnyStorageProvider {
  kind: 'local'
}

/** Where the bytes of a team's models are kept. A kind with settings of its own becomes one more member of this union. */
export type StorageProvider = LocalStorageProvider

/** For a kind that a newer release has written: bytes that were put elsewhere must never be looked for, or written, in the wrong place. */
export function unknownStorageKind(provider: { id: string; kind: string }): Error {
  return new Error(
    `storage provider ${provider.id} is of the kind ${quote(provider.kind)}, which this release of Holotype doesn't know`,
  )
}
