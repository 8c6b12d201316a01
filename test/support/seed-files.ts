/** Versions with more files than a test could upload. */
import { sql } from 'kysely'
import type { App } from '../../src/app.ts'
import { countDraftChange } from '../../src/metadata/versions.ts'

/**
 * Adds `count` files to a draft that has at least one: rows only, all with the bytes of that one. Their paths are `many/1`, `many/2` and so
 * on.
 */
export async function seedFiles({ registry }: App, modelId: string, count: number): Promise<void> {
  await registry.db.transaction(async trx => {
    const { number, blob_id, content_type, created_at, size } = await trx
      .selectFrom('files')
      .innerJoin('blobs', 'blobs.id', 'files.blob_id')
      .select(['number', 'blob_id', 'content_type', 'files.created_at', 'size'])
      .where('model_id', '=', modelId)
      .executeTakeFirstOrThrow()
    await sql`insert into files (model_id, number, path, path_key, blob_id, content_type, created_at)
      with recursive numbers (i) as (select 1 union all select i + 1 from numbers where i < ${sql.lit(count)})
      select ${modelId}, ${sql.lit(number)}, 'many/' || i, 'many/' || i, ${blob_id}, ${content_type}, ${sql.lit(created_at)}
      from numbers`.execute(trx)
    const change = { files: count, bytes: count * size, at: registry.clock.now() }
    await countDraftChange(trx, { modelId, number }, change)
  })
}
