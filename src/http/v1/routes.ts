/** The contents page of v1: every operation there is, grouped as the published contract groups them. */
import type { Operation } from '../operation.ts'
import { deleteAlias } from './operations/aliases/delete-alias.ts'
import { getAlias } from './operations/aliases/get-alias.ts'
import { listAliases } from './operations/aliases/list-aliases.ts'
import { setAlias } from './operations/aliases/set-alias.ts'
import { createApiKey } from './operations/api-keys/create-api-key.ts'
import { listApiKeys } from './operations/api-keys/list-api-keys.ts'
import { revokeApiKey } from './operations/api-keys/revoke-api-key.ts'
import { deleteFile } from './operations/files/delete-file.ts'
import { getFile } from './operations/files/get-file.ts'
import { headFile } from './operations/files/head-file.ts'
import { listFiles } from './operations/files/list-files.ts'
import { putFile } from './operations/files/put-file.ts'
import { createModel } from './operations/models/create-model.ts'
import { deleteModel } from './operations/models/delete-model.ts'
import { getModel } from './operations/models/get-model.ts'
import { listModelEvents } from './operations/models/list-model-events.ts'
import { listModels } from './operations/models/list-models.ts'
import { updateModel } from './operations/models/update-model.ts'
import { addProjectModel } from './operations/projects/add-project-model.ts'
import { createProject } from './operations/projects/create-project.ts'
import { deleteProject } from './operations/projects/delete-project.ts'
import { getProject } from './operations/projects/get-project.ts'
import { listProjectModels } from './operations/projects/list-project-models.ts'
import { listProjects } from './operations/projects/list-projects.ts'
import { removeProjectModel } from './operations/projects/remove-project-model.ts'
import { updateProject } from './operations/projects/update-project.ts'
import { getAccountStanding } from './operations/session/get-account-standing.ts'
import { getSession } from './operations/session/get-session.ts'
import { getStorageProvider } from './operations/storage-providers/get-storage-provider.ts'
import { getUtilization } from './operations/storage-providers/get-storage-utilization.ts'
import { listStorageProviders } from './operations/storage-providers/list-storage-providers.ts'
import { createTeam } from './operations/teams/create-team.ts'
import { listTeams } from './operations/teams/list-teams.ts'
import { createUser } from './operations/users/create-user.ts'
import { deleteUser } from './operations/users/delete-user.ts'
import { listUsers } from './operations/users/list-users.ts'
import { createVersion } from './operations/versions/create-version.ts'
import { deleteVersion } from './operations/versions/delete-version.ts'
import { downloadArchive } from './operations/versions/download-archive.ts'
import { getVersion } from './operations/versions/get-version.ts'
import { listVersions } from './operations/versions/list-versions.ts'
import { updateVersion } from './operations/versions/update-version.ts'

export const v1Operations: Operation[] = [
  // Models: the first four are the Paperspace Models API.
  listModels,
  createModel,
  getModel,
  deleteModel,
  updateModel,
  listModelEvents,

  // Versions of a model, the files in them, and the names that point at them.
  listVersions,
  createVersion,
  getVersion,
  updateVersion,
  deleteVersion,
  downloadArchive,
  listFiles,
  putFile,
  getFile,
  headFile,
  deleteFile,
  listAliases,
  getAlias,
  setAlias,
  deleteAlias,

  // What models refer to, as the public Paperspace API has it.
  listProjects,
  createProject,
  getProject,
  updateProject,
  deleteProject,
  listProjectModels,
  addProjectModel,
  removeProjectModel,
  listStorageProviders,
  getUtilization,
  getStorageProvider,
  getSession,
  getAccountStanding,

  // Who may use the registry.
  listApiKeys,
  createApiKey,
  revokeApiKey,
  listUsers,
  createUser,
  deleteUser,
  listTeams,
  createTeam,
]
