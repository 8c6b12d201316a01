import type { Actor } from '../../domain/actor.ts'
import { aboutVersion, requireNotes, type Version, type VersionNotes } from '../../domain/version.ts'
import { takeVersionNumber } from '../../metadata/models.ts'
import { insertVersion } from '../../metadata/versions.ts'
import { change } from '../change.ts'
import { lockOwnModel } from '../models/get-model.ts'
import type { Registry } from '../registry.ts'

/** Opens a draft that takes files until it is committed. Its number is never given out again, even if the draft is deleted. */
export async function createVersion(
  registry: Registry,
  actor: Actor,
  input: { modelId: string; notes: VersionNotes; source?: Pick<Version, 'modelId' | 'number'> },
): Promise<Version> {
  const { message = null, metadata = null, tags = [] } = requireNotes(input.notes)
  return await change(registry, actor, 'version.create', async ({ trx, actor: { userId }, at, record }) => {
    const model = await lockOwnModel(trx, actor, input.modelId)
    const version: Version = {
      modelId: model.id,
      number: await takeVersionNumber(trx, model.id),
      userId,
      message,
      metadata,
      tags,
      createdAt: at,
      modifiedAt: at,
      committedAt: null,
      digest: null,
      fileCount: 0,
      usageBytes: 0,
      revision: 0,
    }
    await insertVersion(trx, version)
    record({ kind: 'version.create', ...aboutVersion(version), details: toDetails(input.source) })
    return version
  })
}

/** Where its first files are from. */
function toDetails(source: Pick<Version, 'modelId' | 'number'> | undefined) {
  return source ? { sourceModelId: source.modelId, sourceVersion: source.number } : {}
}
