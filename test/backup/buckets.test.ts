/** A registry with bytes in its directory and in a bucket. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { takeBackup } from '../../src/backup/take-backup.ts'
import { run } from '../lifecycle/server-process.ts'
import { postgresqlServer } from '../support/databases.ts'
import { keepModel, startRegistry } from '../support/registry.ts'
import { S3_ENVIRONMENT, S3_SECRET, startS3Registry } from '../support/s3-registry.ts'
import { temporaryDirectory } from './support.ts'

const NO_KEY = { HOLOTYPE_SECRET_KEY: '' }

test('a backup leaves in the bucket what is there, takes the key of the secrets along, and a restore finds both again', async ({
  skip,
}) => {
  skip(postgresqlServer() !== undefined, 'with PostgreSQL the key is a setting')
  await using temporary = await temporaryDirectory()
  await using s3 = await startS3Registry(NO_KEY)
  const { r } = s3
  const storageProviderId = (await r.admin.post('/storage-providers', s3.provider())).json().id
  const far = await keepModel(r.writer, { w: 'in the bucket' }, { storageProviderId })
  const near = await keepModel(r.writer, { w: 'in the directory' })
  const target = join(temporary.path, 'backup')
  const asked = s3.door.log.length
  const { manifest, broken, elsewhere } = await takeBackup(r.app.registry, { dataDir: r.dataDir, target })
  expect({ manifest, broken, elsewhere }).toMatchObject({
    manifest: { blobs: 1, bytes: 16 },
    broken: [],
    elsewhere: { blobs: 1, bytes: 13 },
  })
  expect(s3.door.log.length).toBe(asked)
  expect((await stat(join(target, 'secret.key'))).mode & 0o777).toBe(0o600)
  expect(await readFile(join(target, 'registry.sqlite'), 'latin1')).not.toContain(S3_SECRET)

  const dataDir = join(temporary.path, 'data')
  const restored = await run(['restore', target, '--json', '--data-dir', dataDir])
  expect(restored.code, restored.stderr).toBe(0)
  expect(JSON.parse(restored.stdout)).toMatchObject({ isRestored: true, blobs: 1, elsewhere: { blobs: 1, bytes: 13 } })
  expect((await stat(join(dataDir, 'secret.key'))).mode & 0o777).toBe(0o600)
  const key = String(r.admin.key)
  await using again = await startRegistry({
    ...S3_ENVIRONMENT,
    ...NO_KEY,
    HOLOTYPE_DATA_DIR: dataDir,
    HOLOTYPE_ADMIN_KEY: key,
  })
  expect((await again.as(key).get(`/models/${far.id}/versions/1/files/w`)).body).toBe('in the bucket')
  expect((await again.as(key).get(`/models/${near.id}/versions/1/files/w`)).body).toBe('in the directory')
})
