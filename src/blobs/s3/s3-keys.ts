/**
 * The names of objects in a bucket:
 *
 *     <prefix>instance      says which registry the prefix belongs to
 *     <prefix>blobs/<id>    the bytes of a blob
 *
 * Besides the prefix they have only lower-case letters, digits, `-` and `/`, and none is the folder of another: all stores can keep those.
 */
import { requirePrefix } from '../../domain/s3-location.ts'
import { isBlobId, requireBlobId } from '../blob-id.ts'

export interface S3Keys {
  instance: string
  /** What the key of every blob begins with. */
  blobs: string
  /** Throws a `TypeError` unless the text is the id of a blob. */
  blob(id: string): string
  /** The id in the key of a blob; undefined for every other key. */
  readId(key: string): string | undefined
  /** The key of an object that a check writes and removes again. `name` is of lower-case letters, digits and `-`. */
  probe(name: string): string
}

export function s3Keys(prefix: string): S3Keys {
  requirePrefix(prefix)
  const blobs = `${prefix}blobs/`
  return {
    instance: `${prefix}instance`,
    blobs,
    blob: id => blobs + requireBlobId(id),
    readId(key) {
      const id = key.startsWith(blobs) ? key.slice(blobs.length) : ''
      return isBlobId(id) ? id : undefined
    },
    probe: name => `${prefix}probes/${name}`,
  }
}
