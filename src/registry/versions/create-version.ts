import type { Actor } from '../../domain/actor.ts'
import { requireNotes, type Version, type VersionNotes } from '../../domain/version.ts'
import { takeVersionNumber } from '../../metadata/models.ts'
import { insertVersion } from '../../metadata/versions.ts'
import { recordEvent } from '../events/record-event.ts'
import { getOwnModel } from '../models/get-model.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'

/** Opens a draft that takes files until it is committed. Its number is never given out again, even if the draft is deleted. */
export async function createVersion(
  registry: Registry,
  actor: Actor,
  input: { modelId: string; notes: VersionNotes },
): Promise<Version> {
  requireRole(actor, 'writer')
  const { message = null, metadata = null, tags = [] } = requireNotes(input.notes)
  return await registry.db.transaction(async trx => {
    const model = await getOwnModel(trx, actor, input.modelId)
    const at = registry.clock.now()
    const version: Version = {
      modelId: model.id,
      number: await takeVersionNumber(trx, model.id),
      userId: actor.userId,
      message,
      metadata,
      tags,
      createdAt: at,
      modifiedAt: at,
      committedAt: null,
      digest: null,
      fileCount: 0,
      usageBytes: 0,
    }
    await insertVersion(trx, version)
    await recordEvent(trx, actor, { kind: 'version.create', at, modelId: model.id, version: version.number })
    return version
  })
}
