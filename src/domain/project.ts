import { requireName } from './text.ts'

export interface Project {
  id: string
  teamId: string
  name: string
  createdAt: number
}

export function requireProjectName(name: string): string {
  return requireName('name', name, 120)
}
