/** One object in one request: for bytes that fit one part. */
import { PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3'
import type { PartBytes } from './part-buffer.ts'
import type { S3Connection } from './s3-connection.ts'
import { isNotImplemented } from './s3-errors.ts'
import { type Conditions, type ObjectToPublish, requireUnused, requireWhole, settleFailure } from './s3-publish.ts'
import { WRITER_MARK } from './s3-requests.ts'
import { signBody } from './sign-body.ts'

/** Resolves when the object is in the store as sent. */
export async function putWhole(
  connection: S3Connection,
  object: ObjectToPublish,
  { body, sha256 }: PartBytes,
  conditions: Conditions,
): Promise<void> {
  const { location } = connection
  const checksum = location.checksums === 'sha256' ? sha256.toString('base64') : undefined
  const input: PutObjectCommandInput = {
    Bucket: location.bucket,
    Key: object.key,
    Body: body,
    ContentLength: body.length,
    ContentType: 'application/octet-stream',
    Metadata: { [WRITER_MARK]: object.writer },
    ChecksumSHA256: checksum,
  }
  const send = async (condition: { IfNoneMatch?: '*' }) => {
    const command = signBody(new PutObjectCommand({ ...input, ...condition }), sha256)
    return await connection.sender.send(command)
  }
  const sent = await conditionally(connection, object, conditions, send).catch(async (error: unknown) => {
    await settleFailure(connection, object, error)
    return undefined
  })
  if (sent && (checksum === undefined || sent.ChecksumSHA256 !== checksum)) await requireWhole(connection, object)
}

/** Writes only where nothing is yet: by a condition, or for stores without them by looking first. */
export async function conditionally<T>(
  connection: S3Connection,
  object: ObjectToPublish,
  conditions: Conditions,
  send: (condition: { IfNoneMatch?: '*' }) => Promise<T>,
): Promise<T> {
  if (conditions.areHonoured) {
    try {
      return await send({ IfNoneMatch: '*' })
    } catch (error) {
      if (!isNotImplemented(error)) throw error
    }
  }
  await requireUnused(connection, object)
  const sent = await send({})
  conditions.areHonoured = false
  return sent
}
