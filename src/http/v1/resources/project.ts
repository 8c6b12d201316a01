import { type Static, Type } from 'typebox'
import type { Project } from '../../../domain/project.ts'
import { DateTime, Nullable, ONE_LINE, toDate } from '../schema.ts'

const repository = Type.Unsafe<null>({
  type: 'null',
  description: 'Always null: projects are not tied to a repository here.',
})

export const ProjectBody = Type.Object(
  {
    dtCreated: DateTime,
    dtDeleted: Nullable(Type.String({ format: 'date-time', description: 'Only in the answer to a delete.' })),
    id: Type.String(),
    name: Type.String(),
    repoName: repository,
    repoNodeId: repository,
    repoUrl: repository,
  },
  { title: 'Project' },
)

export const ProjectInput = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 120, description: 'The name of the project.', ...ONE_LINE }) },
  { additionalProperties: false },
)

export function presentProject(project: Project, deletedAt?: number): Static<typeof ProjectBody> {
  return {
    dtCreated: toDate(project.createdAt),
    dtDeleted: deletedAt === undefined ? null : toDate(deletedAt),
    id: project.id,
    name: project.name,
    repoName: null,
    repoNodeId: null,
    repoUrl: null,
  }
}

export const ProjectModelParams = Type.Object({
  id: Type.String({ description: 'The id of the project.' }),
  modelId: Type.String({ description: 'The id of the model.' }),
})
