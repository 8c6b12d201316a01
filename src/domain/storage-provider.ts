/** Where the bytes of a team's models are kept. */
export interface StorageProvider {
  id: string
  teamId: string
  name: string
  /** `local`: the registry's own directory, managed by the registry itself. */
  kind: 'local'
  isTeamDefault: boolean
  createdAt: number
}
