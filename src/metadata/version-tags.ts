/** The tags of versions, and which models have a version with a tag: for finding them. What is shown is in the version itself. */
import type { Version } from '../domain/version.ts'
import type { Transaction } from './database.ts'

/** Removes what finds the version by tag, and what finds its model by it unless another version has the tag. The model must be locked. */
export async function deleteVersionTags(trx: Transaction, modelId: string, number: number): Promise<void> {
  const rows = await trx
    .deleteFrom('version_tags')
    .where('model_id', '=', modelId)
    .where('number', '=', number)
    .returning('tag')
    .execute()
  if (rows.length === 0) return
  await trx
    .deleteFrom('model_tags')
    .where('model_id', '=', modelId)
    .where(
      'tag',
      'in',
      rows.map(({ tag }) => tag),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('version_tags')
            .select('tag')
            .whereRef('version_tags.model_id', '=', 'model_tags.model_id')
            .whereRef('version_tags.tag', '=', 'model_tags.tag'),
        ),
      ),
    )
    .execute()
}

export async function insertVersionTags(trx: Transaction, version: Version): Promise<void> {
  if (version.tags.length === 0) return
  await trx
    .insertInto('version_tags')
    .values(version.tags.map(tag => ({ model_id: version.modelId, number: version.number, tag })))
    .execute()
  for (const tag of version.tags) {
    await trx
      .insertInto('model_tags')
      .columns(['team_id', 'tag', 'model_seq', 'model_id'])
      .expression(eb =>
        eb
          .selectFrom('models')
          .select(['team_id', eb.val(tag).as('tag'), 'seq', 'id'])
          .where('id', '=', version.modelId),
      )
      .onConflict(conflict => conflict.doNothing())
      .execute()
  }
}

/** Removes up to `limit` of the tags that find a deleted model, and answers how many there were. See `deleteSomeFiles`. */
export async function deleteSomeModelTags(trx: Transaction, modelId: string, limit: number): Promise<number> {
  const ofModel = trx.selectFrom('model_tags').select('tag').where('model_id', '=', modelId)
  const last = await ofModel
    .orderBy('tag')
    .offset(limit - 1)
    .limit(1)
    .executeTakeFirst()
  let query = trx.deleteFrom('model_tags').where('model_id', '=', modelId)
  if (last) query = query.where('tag', '<=', last.tag)
  return (await query.returning('tag').execute()).length
}
