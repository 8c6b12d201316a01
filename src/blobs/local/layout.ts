/** Where the files of a local store are; no other code builds a path. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { isBlobId, requireBlobId } from '../blob-id.ts'

/**
 *     <root>/blobs/k3/blk3x09a7bq1m2d      published, never changed again
 *                  └ the first two characters of the id's random part
 *     <root>/blobs/instance                the id of the registry
 *     <root>/tmp/blk3x09a7bq1m2d.<random>  staged: being written, or left half-written by a crash
 *     <root>/tmp/probe.<random>            a health check at work
 *     <root>/tmp/instance.<random>         the id of the registry, being written
 *
 * Names in `tmp` are random, so that several processes can work there at the same time.
 */
export function layout(root: string) {
  const blobs = join(root, 'blobs')
  const tmp = join(root, 'tmp')
  const inTmp = (name: string) => join(tmp, `${name}.${newReference()}`)
  const parts = (id: string, reference: string) => {
    if (!REFERENCE.test(reference)) throw new TypeError(`${JSON.stringify(reference)} names no staged parts`)
    return join(tmp, `${requireBlobId(id)}.${reference}`)
  }
  return {
    blobs,
    tmp,
    instance: join(blobs, 'instance'),
    blob: (id: string) => join(blobs, shardOf(requireBlobId(id)), id),
    newStaging: (id: string) => inTmp(requireBlobId(id)),
    /** A blob that comes in parts is staged in one file, which its reference names. */
    parts,
    newParts: (id: string) => {
      const reference = newReference()
      return { reference, path: parts(id, reference) }
    },
    newProbe: () => inTmp('probe'),
    newInstance: () => inTmp('instance'),
  }
}

const REFERENCE = /^[0-9a-f]{24}$/

function newReference(): string {
  return randomBytes(12).toString('hex')
}

export type Layout = ReturnType<typeof layout>

/** The id of the blob that a file in `blobs/<shard>/` holds; undefined for a file that isn't the store's. */
export function readPublishedName(name: string, shard: string): string | undefined {
  return isBlobId(name) && shardOf(name) === shard ? name : undefined
}

const STAGED_NAME = /^(bl[0-9a-z]{13})[.][0-9a-f]{24}$/

/** The id of the blob that a file in `tmp/` is to become; undefined for any other file. */
export function readStagedName(name: string): string | undefined {
  return STAGED_NAME.exec(name)?.[1]
}

const TEMPORARY_NAME = /^(bl[0-9a-z]{13}|probe|instance)[.][0-9a-f]{24}$/

/** Whether a file in `tmp/` has a name that this store gives. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY_NAME.test(name)
}

/** Whether a directory in `blobs/` has a name that this store gives. */
export function isShardName(name: string): boolean {
  return /^[0-9a-z]{2}$/.test(name)
}

function shardOf(id: string): string {
  return id.slice(2, 4)
}
