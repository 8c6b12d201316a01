/** An S3 server in memory, for one bucket: what our store uses of the protocol, and no signatures. For what no real server can be made to answer. */
import { createHash, randomBytes } from 'node:crypto'
import { type S3Answer, type S3Backend, type S3Request, s3Error } from './s3-door.ts'

interface StoredObject {
  body: Buffer
  modifiedAt: Date
  writer: string | undefined
}

interface Upload {
  key: string
  id: string
  startedAt: Date
  writer: string | undefined
  parts: Map<number, { body: Buffer; etag: string }>
}

export interface FakeS3 {
  backend: S3Backend
  objects: Map<string, StoredObject>
  uploads: Map<string, Upload>
}

const MARK = 'x-amz-meta-holotype-writer'

export function createFakeS3(): FakeS3 {
  const objects = new Map<string, StoredObject>()
  const uploads = new Map<string, Upload>()

  function putObject(request: S3Request): S3Answer {
    const { key, headers, body } = request
    if (headers['if-none-match'] === '*' && objects.has(key)) return s3Error(412, 'PreconditionFailed')
    if (!hasRightChecksum(request)) return s3Error(400, 'BadDigest')
    objects.set(key, { body, modifiedAt: new Date(), writer: textOf(headers[MARK]) })
    return { status: 200, headers: { etag: etagOf(body), ...checksumOf(request) } }
  }

  function getObject({ key, headers, method }: S3Request): S3Answer {
    const found = objects.get(key)
    if (!found) return s3Error(404, 'NoSuchKey')
    const { body, modifiedAt, writer } = found
    const common = { 'last-modified': modifiedAt.toUTCString(), etag: etagOf(body), ...(writer && { [MARK]: writer }) }
    if (method === 'HEAD') return { status: 200, headers: { ...common, 'content-length': String(body.length) } }
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
    if (first === undefined) return { status: 200, headers: common, body }
    const [start, end] = [Number(first), Math.min(Number(last), body.length - 1)]
    if (start >= body.length) return s3Error(416, 'InvalidRange')
    const range = `bytes ${start}-${end}/${body.length}`
    return { status: 206, headers: { ...common, 'content-range': range }, body: body.subarray(start, end + 1) }
  }

  function listObjects({ query }: S3Request): S3Answer {
    const prefix = query.get('prefix') ?? ''
    const after = query.get('continuation-token') ?? ''
    const keys = [...objects.keys()].filter(key => key.startsWith(prefix) && key > after).sort()
    // Small pages, so that the next ones are asked for.
    const page = keys.slice(0, 7)
    const items = page.map(
      key =>
        `<Contents><Key>${key}</Key><LastModified>${objects.get(key)?.modifiedAt.toISOString()}</LastModified></Contents>`,
    )
    const more = keys.length > page.length
    const token = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
    return xml(`<ListBucketResult>${items.join('')}<IsTruncated>${more}</IsTruncated>${token}</ListBucketResult>`)
  }

  function listUploads({ query }: S3Request): S3Answer {
    const prefix = query.get('prefix') ?? ''
    const items = [...uploads.values()]
      .filter(({ key }) => key.startsWith(prefix))
      .map(
        ({ key, id, startedAt }) =>
          `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${startedAt.toISOString()}</Initiated></Upload>`,
      )
    return xml(
      `<ListMultipartUploadsResult>${items.join('')}<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>`,
    )
  }

  function createUpload({ key, headers }: S3Request): S3Answer {
    const id = randomBytes(12).toString('hex')
    uploads.set(id, { key, id, startedAt: new Date(), writer: textOf(headers[MARK]), parts: new Map() })
    return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
  }

  function putPart(request: S3Request): S3Answer {
    const upload = uploads.get(request.query.get('uploadId') ?? '')
    if (!upload) return s3Error(404, 'NoSuchUpload')
    if (!hasRightChecksum(request)) return s3Error(400, 'BadDigest')
    const etag = etagOf(request.body)
    upload.parts.set(Number(request.query.get('partNumber')), { body: request.body, etag })
    return { status: 200, headers: { etag, ...checksumOf(request) } }
  }

  function completeUpload({ query, headers, key, body }: S3Request): S3Answer {
    const upload = uploads.get(query.get('uploadId') ?? '')
    if (!upload) return s3Error(404, 'NoSuchUpload')
    if (headers['if-none-match'] === '*' && objects.has(key)) return s3Error(412, 'PreconditionFailed')
    const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(match => Number(match[1]))
    const parts = named.flatMap(number => upload.parts.get(number) ?? [])
    const isNamed = parts.every(({ etag }) => body.toString().replaceAll('&quot;', '"').includes(etag))
    if (parts.length !== named.length || !isNamed) return s3Error(400, 'InvalidPart')
    uploads.delete(upload.id)
    const whole = Buffer.concat(parts.map(part => part.body))
    objects.set(key, { body: whole, modifiedAt: new Date(), writer: upload.writer })
    return xml(`<CompleteMultipartUploadResult><ETag>${etagOf(whole)}</ETag></CompleteMultipartUploadResult>`)
  }

  function abortUpload({ query }: S3Request): S3Answer {
    return uploads.delete(query.get('uploadId') ?? '') ? { status: 204 } : s3Error(404, 'NoSuchUpload')
  }

  function deleteObject({ key }: S3Request): S3Answer {
    objects.delete(key)
    return { status: 204 }
  }

  function backend(request: S3Request): S3Answer {
    const { method, key, query } = request
    if (key === '') return query.has('uploads') ? listUploads(request) : listObjects(request)
    if (method === 'POST') return query.has('uploads') ? createUpload(request) : completeUpload(request)
    if (method === 'PUT') return query.has('uploadId') ? putPart(request) : putObject(request)
    if (method === 'DELETE') return query.has('uploadId') ? abortUpload(request) : deleteObject(request)
    return getObject(request)
  }

  return { backend, objects, uploads }
}

function xml(body: string): S3Answer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body }
}

function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`
}

function hasRightChecksum({ headers, body }: S3Request): boolean {
  const hash = (encoding: 'base64' | 'hex') => createHash('sha256').update(body).digest(encoding)
  const [checksum, payload] = [headers['x-amz-checksum-sha256'], headers['x-amz-content-sha256']]
  const isSigned = typeof payload === 'string' && /^[0-9a-f]{64}$/.test(payload)
  return (checksum === undefined || checksum === hash('base64')) && (!isSigned || payload === hash('hex'))
}

function checksumOf({ headers }: S3Request): Record<string, string> {
  const checksum = textOf(headers['x-amz-checksum-sha256'])
  return checksum === undefined ? {} : { 'x-amz-checksum-sha256': checksum }
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined
}
