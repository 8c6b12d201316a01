import { alreadyExists, quote, type RegistryError } from './errors.ts'
import { requireName, requireText } from './text.ts'

/** The record of a model. Its versions hold the bytes. Times are ms since 1970. */
export interface Model {
  id: string
  teamId: string
  /** Not unique: the API we are compatible with promises no uniqueness. But it belongs to one model, see `nameTaken`. NFC. */
  name: string
  description: string | null
  isPublic: boolean
  projectId: string | null
  /** Where its bytes go; null means the team's default at the time they arrive. */
  storageProviderId: string | null
  createdAt: number
  modifiedAt: number
}

export function requireModelName(name: string): string {
  return requireName('name', name, 255)
}

export function requireModelDescription(description: string | null): string | null {
  return description === null ? null : requireText('description', description, 10_000)
}

/** A name belongs to the first model of the team that took it, until that one is deleted or renamed. */
export function nameTaken(name: string, ownerId: string): RegistryError {
  return alreadyExists(`the name ${quote(name)} belongs to model "${ownerId}" already`, { kind: 'model', id: ownerId })
}
