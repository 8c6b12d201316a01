/** Fills a registry faster than its API could: rows as the operations write them, all of a table in one statement. */
import { openSeedTarget, type SeedTarget } from './seed-target.ts'
import { post, type RegistryServer } from './servers.ts'

export interface Amounts {
  /** Of the measured team. Another team gets a tenth of that, in between. */
  models: number
  /** Of one model; each has an alias. */
  versions: number
  /** Of one version. */
  files: number
  events: number
}

/** What was filled in, and where the middle of each list is. */
export interface Seeded {
  modelId: string
  userId: string
  /** Sequence numbers, and the path of a file, in the middle of their lists. */
  middle: { model: number; version: number; alias: number; event: number; file: string }
}

/** A part of every second model, of sixty, of none, and of none although each three characters of it are in every one. */
export const PARTS = { frequent: 'checkpoint', rare: 'zebrafish', unknown: 'quokka', familiar: 'model the model' }
export const NAME = 'a name that many have'
export const TAG = 'prod'
const RARE_HITS = 60
const TIME = 1_700_000_000_000

export async function seedRegistry(registry: RegistryServer, amounts: Amounts): Promise<Seeded> {
  const other = await post(registry, '/teams', { namespace: 'other' })
  await using target = await openSeedTarget(registry)
  const team = await findTeam(target, String(other['id']))
  await seedModels(target, team, { teamId: String(other['id']), count: amounts.models })
  const [model] = await target.run(
    `SELECT id FROM models WHERE team_id = '${team.teamId}' AND owned_name IS NOT NULL ORDER BY seq LIMIT 1`,
  )
  const modelId = String(model?.['id'])
  await seedVersions(target, { ...team, modelId, count: amounts.versions })
  await seedFiles(target, { ...team, modelId, number: 1, count: amounts.files })
  await seedEvents(target, { ...team, modelId, count: amounts.events })
  await target.finish()
  return {
    modelId,
    userId: team.userId,
    middle: {
      model: await middleOf(target, `models WHERE team_id = '${team.teamId}'`),
      version: amounts.versions >> 1,
      alias: await middleOf(target, `aliases WHERE model_id = '${modelId}'`),
      event: await middleOf(target, `events WHERE team_id = '${team.teamId}'`),
      file: pathOf(amounts.files >> 1),
    },
  }
}

interface Team {
  teamId: string
  userId: string
  storageProviderId: string
}

/** The first team, which is the one that is measured. */
export async function findTeam(target: SeedTarget, otherTeamId = ''): Promise<Team> {
  const [row] = await target.run(
    `SELECT users.team_id, users.id AS user_id, storage_providers.id AS storage_provider_id
     FROM users JOIN storage_providers ON storage_providers.team_id = users.team_id WHERE users.team_id <> '${otherTeamId}'`,
  )
  if (!row) throw new Error('the registry has no team')
  return {
    teamId: String(row['team_id']),
    userId: String(row['user_id']),
    storageProviderId: String(row['storage_provider_id']),
  }
}

async function seedModels(target: SeedTarget, team: Team, other: { teamId: string; count: number }): Promise<void> {
  const { count } = other
  const name = `CASE WHEN i % 5 = 0 THEN '${NAME}' ELSE 'model ' || i || ' of the series ' || (i * 7919 % 5003) END`
  const subject = `CASE WHEN i % 2 = 0 THEN '${PARTS.frequent}' ELSE 'snapshot' END`
  const dataset = `' of the model the team trained on dataset ' || (i * 31 % 9973)`
  const rare = `CASE WHEN i % ${Math.ceil(count / RARE_HITS)} = 1 THEN ' of ${PARTS.rare}' ELSE '' END`
  await target.run(
    `INSERT INTO models (id, team_id, name, description, is_public, created_at, modified_at, last_version, owned_name, search_text)
     SELECT 'mo' || ${target.randomText}, CASE WHEN i % 11 = 0 THEN '${other.teamId}' ELSE '${team.teamId}' END, name, description, 0,
            ${TIME} + i, ${TIME} + i, 0, CASE WHEN name = '${NAME}' THEN NULL ELSE name END, name || '\n' || description
     FROM (SELECT i, ${name} AS name, ${subject} || ${dataset} || ${rare} AS description
           FROM ${target.numbers(Math.floor(count * 1.1))}) AS described`,
  )
  // The name's owner, and the models of a tag: every fifth, as if each had a version with it.
  await target.run(
    `UPDATE models SET owned_name = name
     WHERE seq = (SELECT min(seq) FROM models WHERE team_id = '${team.teamId}' AND name = '${NAME}')`,
  )
  await target.run(
    `INSERT INTO model_tags (team_id, tag, model_seq, model_id)
     SELECT team_id, '${TAG}', seq, id FROM models WHERE seq % 5 = 1`,
  )
}

async function seedVersions(
  target: SeedTarget,
  { modelId, userId, count }: Team & { modelId: string; count: number },
): Promise<void> {
  const tags = `CASE WHEN i % 5 = 1 THEN '["${TAG}"]' ELSE '[]' END`
  await target.run(
    `INSERT INTO versions (model_id, number, user_id, message, tags, created_at, modified_at, committed_at, digest)
     SELECT '${modelId}', i, '${userId}', 'what changed in version ' || i, ${tags}, ${TIME} + i, ${TIME} + i, ${TIME} + i,
            '${'0'.repeat(64)}' FROM ${target.numbers(count)}`,
  )
  await target.run(
    `INSERT INTO version_tags (model_id, number, tag) SELECT model_id, number, '${TAG}' FROM versions WHERE tags <> '[]'`,
  )
  await target.run(`UPDATE models SET last_version = ${count} WHERE id = '${modelId}'`)
  await target.run(
    `INSERT INTO aliases (model_id, name, number, user_id, created_at, modified_at)
     SELECT model_id, 'alias-' || number, number, user_id, created_at, created_at FROM versions ORDER BY number`,
  )
}

/** Files with a blob each, in a version that has none. There are no bytes to them. */
export async function seedFiles(
  target: SeedTarget,
  { teamId, storageProviderId, modelId, number, count }: Team & { modelId: string; number: number; count: number },
): Promise<void> {
  // 13 digits, as many characters as an id has behind its prefix.
  const digits = `(${10 ** 12} + i)`
  await target.run(
    `INSERT INTO blobs (id, team_id, storage_provider_id, size, sha256, created_at, verified_at)
     SELECT 'bl' || ${digits}, '${teamId}', '${storageProviderId}', 1000, '${'0'.repeat(51)}' || ${digits}, ${TIME}, ${TIME}
     FROM ${target.numbers(count)}`,
  )
  const path = `('part-' || ${digits})`
  await target.run(
    `INSERT INTO files (model_id, number, path, path_key, blob_id, content_type, created_at)
     SELECT '${modelId}', ${number}, ${path}, ${path}, 'bl' || ${digits}, 'application/octet-stream', ${TIME}
     FROM ${target.numbers(count)}`,
  )
  await target.run(
    `UPDATE versions SET file_count = ${count}, usage_bytes = ${count * 1000}, revision = ${count}
     WHERE model_id = '${modelId}' AND number = ${number}`,
  )
}

function pathOf(index: number): string {
  return `part-${10 ** 12 + index}`
}

/** Of one model, and of five users by turns: the team's own and four who are gone. */
async function seedEvents(
  target: SeedTarget,
  { teamId, userId, modelId, count }: Team & { modelId: string; count: number },
): Promise<void> {
  const kind = `CASE i % 5 WHEN 0 THEN 'alias' WHEN 1 THEN 'version' ELSE 'model' END`
  await target.run(
    `INSERT INTO events (id, team_id, kind, subject_kind, subject_id, model_id, version, created_at, user_id, details)
     SELECT 'ev' || ${target.randomText}, '${teamId}',
            CASE kind WHEN 'alias' THEN 'alias.set' WHEN 'version' THEN 'version.create' ELSE 'model.update' END, kind,
            CASE kind WHEN 'alias' THEN 'alias-1' WHEN 'version' THEN '1' ELSE '${modelId}' END, '${modelId}',
            CASE kind WHEN 'model' THEN NULL ELSE 1 END, ${TIME} + i,
            CASE WHEN i % 5 = 3 THEN '${userId}' ELSE 'us000000000000' || i % 5 END,
            CASE kind WHEN 'alias' THEN '{"alias":"alias-1","previousVersion":null,"digest":null}' ELSE '{}' END
     FROM (SELECT i, ${kind} AS kind FROM ${target.numbers(count)}) AS kinds`,
  )
}

async function middleOf(target: SeedTarget, rows: string): Promise<number> {
  const [first] = await target.run(`SELECT seq FROM ${rows} ORDER BY seq LIMIT 1`)
  const [last] = await target.run(`SELECT seq FROM ${rows} ORDER BY seq DESC LIMIT 1`)
  return (Number(first?.['seq']) + Number(last?.['seq'])) >> 1
}
