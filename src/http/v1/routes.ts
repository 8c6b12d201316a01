/** The contents page of v1: every route there is, grouped as the published contract groups them. */
import { contents, type Route } from '../route.ts'
import { deleteAliasRoute } from './routes/aliases/delete-alias.ts'
import { getAliasRoute } from './routes/aliases/get-alias.ts'
import { listAliasesRoute } from './routes/aliases/list-aliases.ts'
import { setAliasRoute } from './routes/aliases/set-alias.ts'
import { createApiKeyRoute } from './routes/api-keys/create-api-key.ts'
import { listApiKeysRoute } from './routes/api-keys/list-api-keys.ts'
import { revokeApiKeyRoute } from './routes/api-keys/revoke-api-key.ts'
import { listModelEventsRoute } from './routes/events/list-model-events.ts'
import { listTeamEventsRoute } from './routes/events/list-team-events.ts'
import { deleteFileRoute } from './routes/files/delete-file.ts'
import { getFileRoute } from './routes/files/get-file.ts'
import { headFileRoute } from './routes/files/head-file.ts'
import { listFilesRoute } from './routes/files/list-files.ts'
import { putFileRoute } from './routes/files/put-file.ts'
import { createModelRoute } from './routes/models/create-model.ts'
import { deleteModelRoute } from './routes/models/delete-model.ts'
import { getModelRoute } from './routes/models/get-model.ts'
import { listModelsRoute } from './routes/models/list-models.ts'
import { updateModelRoute } from './routes/models/update-model.ts'
import { addProjectModelRoute } from './routes/projects/add-project-model.ts'
import { createProjectRoute } from './routes/projects/create-project.ts'
import { deleteProjectRoute } from './routes/projects/delete-project.ts'
import { getProjectRoute } from './routes/projects/get-project.ts'
import { listProjectModelsRoute } from './routes/projects/list-project-models.ts'
import { listProjectsRoute } from './routes/projects/list-projects.ts'
import { removeProjectModelRoute } from './routes/projects/remove-project-model.ts'
import { updateProjectRoute } from './routes/projects/update-project.ts'
import { getAccountStandingRoute } from './routes/sessions/get-account-standing.ts'
import { getSessionRoute } from './routes/sessions/get-session.ts'
import { createStorageProviderRoute } from './routes/storage-providers/create-storage-provider.ts'
import { deleteStorageProviderRoute } from './routes/storage-providers/delete-storage-provider.ts'
import { getStorageProviderRoute } from './routes/storage-providers/get-storage-provider.ts'
import { getStorageUtilizationRoute } from './routes/storage-providers/get-storage-utilization.ts'
import { listStorageProvidersRoute } from './routes/storage-providers/list-storage-providers.ts'
import { updateStorageProviderRoute } from './routes/storage-providers/update-storage-provider.ts'
import { createTeamRoute } from './routes/teams/create-team.ts'
import { listTeamsRoute } from './routes/teams/list-teams.ts'
import { completeUploadRoute } from './routes/uploads/complete-upload.ts'
import { createUploadRoute } from './routes/uploads/create-upload.ts'
import { deleteUploadRoute } from './routes/uploads/delete-upload.ts'
import { getUploadRoute } from './routes/uploads/get-upload.ts'
import { listPartsRoute } from './routes/uploads/list-parts.ts'
import { listUploadsRoute } from './routes/uploads/list-uploads.ts'
import { offerPartsRoute } from './routes/uploads/offer-parts.ts'
import { receivePartRoute } from './routes/uploads/receive-part.ts'
import { createUserRoute } from './routes/users/create-user.ts'
import { deleteUserRoute } from './routes/users/delete-user.ts'
import { listUsersRoute } from './routes/users/list-users.ts'
import { createVersionRoute } from './routes/versions/create-version.ts'
import { deleteVersionRoute } from './routes/versions/delete-version.ts'
import { downloadArchiveRoute } from './routes/versions/download-archive.ts'
import { getVersionRoute } from './routes/versions/get-version.ts'
import { listVersionsRoute } from './routes/versions/list-versions.ts'
import { updateVersionRoute } from './routes/versions/update-version.ts'

export const v1Routes: Route[] = contents({
  // Models: the first four are the Paperspace Models API.
  'GET /models': listModelsRoute,
  'POST /models': createModelRoute,
  'GET /models/{id}': getModelRoute,
  'DELETE /models/{id}': deleteModelRoute,
  'PUT /models/{id}': updateModelRoute,

  // Versions of a model, the files in them, and the names that point at them.
  'GET /models/{id}/versions': listVersionsRoute,
  'POST /models/{id}/versions': createVersionRoute,
  'GET /models/{id}/versions/{version}': getVersionRoute,
  'PUT /models/{id}/versions/{version}': updateVersionRoute,
  'DELETE /models/{id}/versions/{version}': deleteVersionRoute,
  'GET /models/{id}/versions/{version}/archive': downloadArchiveRoute,
  'GET /models/{id}/versions/{version}/files': listFilesRoute,
  'PUT /models/{id}/versions/{version}/files/{path+}': putFileRoute,
  'GET /models/{id}/versions/{version}/files/{path+}': getFileRoute,
  'HEAD /models/{id}/versions/{version}/files/{path+}': headFileRoute,
  'DELETE /models/{id}/versions/{version}/files/{path+}': deleteFileRoute,
  // Large files, in parts.
  'POST /models/{id}/versions/{version}/uploads': createUploadRoute,
  'GET /models/{id}/versions/{version}/uploads': listUploadsRoute,
  'GET /models/{id}/versions/{version}/uploads/{upload}': getUploadRoute,
  'DELETE /models/{id}/versions/{version}/uploads/{upload}': deleteUploadRoute,
  'POST /models/{id}/versions/{version}/uploads/{upload}/parts': offerPartsRoute,
  'GET /models/{id}/versions/{version}/uploads/{upload}/parts': listPartsRoute,
  'POST /models/{id}/versions/{version}/uploads/{upload}/complete': completeUploadRoute,
  'PUT /uploads/{upload}/parts/{number}': receivePartRoute,

  'GET /models/{id}/aliases': listAliasesRoute,
  'GET /models/{id}/aliases/{alias}': getAliasRoute,
  'PUT /models/{id}/aliases/{alias}': setAliasRoute,
  'DELETE /models/{id}/aliases/{alias}': deleteAliasRoute,

  // What happened.
  'GET /models/{id}/events': listModelEventsRoute,
  'GET /events': listTeamEventsRoute,

  // What models refer to, as the public Paperspace API has it.
  'GET /projects': listProjectsRoute,
  'POST /projects': createProjectRoute,
  'GET /projects/{id}': getProjectRoute,
  'PUT /projects/{id}': updateProjectRoute,
  'DELETE /projects/{id}': deleteProjectRoute,
  'GET /projects/{id}/models': listProjectModelsRoute,
  'POST /projects/{id}/models/{modelId}': addProjectModelRoute,
  'DELETE /projects/{id}/models/{modelId}': removeProjectModelRoute,
  'GET /storage-providers': listStorageProvidersRoute,
  'POST /storage-providers': createStorageProviderRoute,
  'GET /storage-providers/utilization': getStorageUtilizationRoute,
  'GET /storage-providers/{id}': getStorageProviderRoute,
  'PUT /storage-providers/{id}': updateStorageProviderRoute,
  'DELETE /storage-providers/{id}': deleteStorageProviderRoute,
  'GET /auth/session': getSessionRoute,
  'GET /billing/account-standing': getAccountStandingRoute,

  // Who may use the registry.
  'GET /api-keys': listApiKeysRoute,
  'POST /api-keys': createApiKeyRoute,
  'DELETE /api-keys/{id}': revokeApiKeyRoute,
  'GET /users': listUsersRoute,
  'POST /users': createUserRoute,
  'DELETE /users/{id}': deleteUserRoute,
  'GET /teams': listTeamsRoute,
  'POST /teams': createTeamRoute,
})
