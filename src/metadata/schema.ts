/**
 * The tables as Kysely sees them. Ids are text, times are integer milliseconds, sizes go past 2^31, truth values are 0 and 1, JSON is
 * text: the same on every database. Text compares by its bytes on every database.
 */
import type { Generated } from 'kysely'

export interface Schema {
  instance: InstanceTable
  teams: TeamsTable
  users: UsersTable
  api_keys: ApiKeysTable
  projects: ProjectsTable
  storage_providers: StorageProvidersTable
  models: ModelsTable
  versions: VersionsTable
  version_tags: VersionTagsTable
  model_tags: ModelTagsTable
  files: FilesTable
  blobs: BlobsTable
  aliases: AliasesTable
  events: EventsTable
  jobs: JobsTable
  holds: HoldsTable
  uploads: UploadsTable
  upload_parts: UploadPartsTable
  idempotency_keys: IdempotencyKeysTable
  unknown_bytes: UnknownBytesTable
}

/** One row: what makes this installation this one. */
export interface InstanceTable {
  /** Always 1, so that there can be no second row. */
  singleton: number
  /** A uuid, kept in every store as well. */
  id: string
  /** 32 random bytes, base64: seals cursors. */
  cursor_key: string
  created_at: number
}

/** `seq` counts creations up over the whole installation and is never used twice: lists are paged by it. */
interface Sequenced {
  seq: Generated<number>
}

export interface TeamsTable extends Sequenced {
  id: string
  namespace: string
  created_at: number
}

export interface UsersTable extends Sequenced {
  id: string
  team_id: string
  name: string
  email: string | null
  created_at: number
  deleted_at: number | null
}

export interface ApiKeysTable extends Sequenced {
  id: string
  team_id: string
  user_id: string
  name: string
  role: string
  /** SHA-256 of the secret, hex. The secret itself is shown once and kept nowhere. */
  secret_sha256: string
  is_instance_admin: number
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  last_used_at: number | null
}

export interface ProjectsTable extends Sequenced {
  id: string
  team_id: string
  name: string
  created_at: number
  /** Set by the delete of a project with many models; they and then this row go in the background. */
  deleted_at: number | null
}

export interface StorageProvidersTable extends Sequenced {
  id: string
  team_id: string
  name: string
  /** `local`: the registry's own directory. `s3`: a bucket. */
  kind: string
  is_team_default: number
  created_at: number
  /** JSON, see `S3Settings`. */
  settings: string | null
  /** The secret access key, sealed. */
  sealed_secret: string | null
}

export interface ModelsTable extends Sequenced {
  id: string
  team_id: string
  name: string
  description: string | null
  is_public: number
  project_id: string | null
  storage_provider_id: string | null
  created_at: number
  modified_at: number
  /** Set by the delete; the rows below it and then this one go in the background. */
  deleted_at: number | null
  /** The highest version number ever given out. */
  last_version: number
  /** The name, where it belongs to this model: unique in a team. Null for a later namesake. */
  owned_name: string | null
  /** Name and description under the fold that searches use. */
  search_text: Generated<string>
}

export interface VersionsTable {
  model_id: string
  number: number
  user_id: string
  message: string | null
  metadata: string | null
  /** JSON array of strings, as it is shown. `version_tags` holds the same for finding. */
  tags: string
  created_at: number
  modified_at: number
  /** Null while a draft. */
  committed_at: number | null
  /** Set by the delete; its files and then this row go in the background. */
  deleted_at: number | null
  /** sha256 over the sorted file list, hex; set by the commit. */
  digest: string | null
  file_count: number
  usage_bytes: number
  /** Grows with every change of a draft's files. */
  revision: Generated<number>
}

export interface VersionTagsTable {
  model_id: string
  number: number
  tag: string
}

/** The tags of a model's versions, in the order of the models: for finding models by tag. */
export interface ModelTagsTable {
  team_id: string
  tag: string
  model_seq: number
  model_id: string
}

export interface FilesTable {
  model_id: string
  number: number
  path: string
  /** The path as a file system that ignores case sees it: unique in a version. */
  path_key: string
  blob_id: string
  content_type: string
  created_at: number
}

export interface BlobsTable {
  id: string
  team_id: string
  storage_provider_id: string
  size: number
  sha256: string
  created_at: number
  /** When all bytes were last read and matched the sha256. */
  verified_at: number
  /** When the stored bytes were found not to match. Such a blob is never served. */
  damaged_at: number | null
  /** Since when no file refers to it. */
  unreferenced_at: number | null
}

export interface AliasesTable extends Sequenced {
  model_id: string
  name: string
  number: number
  user_id: string
  created_at: number
  modified_at: number
}

export interface EventsTable extends Sequenced {
  id: string
  team_id: string
  kind: string
  subject_kind: string
  subject_id: string
  model_id: string | null
  version: number | null
  created_at: number
  /** Null where the registry itself did it. */
  user_id: string | null
  api_key_id: string | null
  request_id: string | null
  address: string | null
  details: string
}

export interface JobsTable extends Sequenced {
  kind: string
  /** A job of the same kind and key is queued once. */
  key: string
  /** JSON. */
  payload: string
  /** When it becomes due. Taking a job moves this to the end of its lease. */
  run_at: number
  /** Names the lease under which a worker holds it. */
  lease: string | null
  attempts: Generated<number>
  /** Counts how often it was queued while it was there already. */
  revision: Generated<number>
  created_at: number
}

/** Bytes on their way: a row before the first byte. `seq` is the order of lists. */
export interface UploadsTable extends Sequenced {
  id: string
  team_id: string
  model_id: string
  number: number
  path: string
  storage_provider_id: string
  blob_id: string
  /** What the store needs besides `blob_id` to find what is staged. */
  staging: string | null
  user_id: string
  api_key_id: string
  created_at: number
  expires_at: number
  /** `receiving`: one request brings all bytes, and the columns below mean nothing. Else the state of an upload in parts. */
  state: Generated<string>
  content_type: Generated<string>
  size: Generated<number>
  sha256: string | null
  part_size: Generated<number>
  received_bytes: Generated<number>
  problem: string | null
  is_contested: Generated<number>
}

/** Parts that this registry receives itself, and has received. */
export interface UploadPartsTable {
  upload_id: string
  number: number
  /** Names the one sending that may write the part: a later one takes it over. */
  claim: string
  /** Null until all bytes of the part are durable. */
  sha256: string | null
  size: number
}

/** What a request with an `Idempotency-Key` has led to. */
export interface IdempotencyKeysTable {
  api_key_id: string
  key: string
  /** Names the request, hex. */
  fingerprint: string
  /** JSON; null where it must not be kept, because it holds a secret. */
  result: string | null
  created_at: number
}

/** Bytes in a store that no row knows. */
export interface UnknownBytesTable {
  blob_id: string
  found_at: number
  /** When a look through the stores last met them. */
  seen_at: number
}

/** A named promise to leave something alone until a time; a backup holds off the removal of bytes this way. */
export interface HoldsTable {
  name: string
  until: number
}
