/** Lets a request be signed with the sha256 that is known already: else the SDK hashes the body once more. Every store compares it with what comes. */
import type { PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3'

export function signBody<C extends PutObjectCommand | UploadPartCommand>(command: C, sha256: Buffer): C {
  const stack = command.middlewareStack as PutObjectCommand['middlewareStack']
  stack.add(
    next => args => {
      const { headers } = args.request as { headers: Record<string, string> }
      headers['x-amz-content-sha256'] = sha256.toString('hex')
      return next(args)
    },
    { step: 'build', name: 'signKnownBody' },
  )
  return command
}
